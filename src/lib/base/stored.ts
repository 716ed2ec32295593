/** Records read back from a database. */

export interface StoredReport {
  /** Microseconds since 1970. */
  capturedAt: number;
  correlationId: string;
  sourceAddress: string;
  sourcePort: number;
  destinationAddress: string;
  destinationPort: number;
  payloadType: number;
  node: string;
  payload: Buffer;
}
