/** What is read back from a database. */

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

export interface StoredMessage {
  capturedAt: number;
  method: string;
  replyReason: string;
  sourceAddress: string;
  destinationAddress: string;
  /** X-RTP-Stat or P-RTP-Stat, '' where there is none. */
  rtpStat: string;
  payload: Buffer;
}
