/**
 * Transport numbers of chunk 0x0002: IANA protocol numbers, and HEP's pseudo numbers 22 (TLS) and 50 (WebSocket, also
 * secure). HEP itself has no number.
 */
export interface ProtocolRow {
  number: number;
  /** As shown by `--get proto_id` and hep_get. */
  name: string;
}

/** The first row of a number names it. */
export const PROTOCOLS: readonly ProtocolRow[] = [
  { number: 17, name: 'udp' },
  { number: 6, name: 'tcp' },
  { number: 22, name: 'tls' },
  { number: 132, name: 'sctp' },
  { number: 50, name: 'ws' },
  { number: 50, name: 'wss' },
];

/** Words listed in the OpenSIPS manual that have no number. */
const WITHOUT_NUMBER: readonly string[] = ['BIN', 'BINS', 'HEP', 'HEP_UDP', 'HEP_TCP', 'HEP_TLS'];

/** The transport's name, or its number if it has none. */
export function protocolText(number: number): string {
  return PROTOCOLS.find((one) => one.number === number)?.name ?? String(number);
}

/** The number of a transport by name; -1 if unknown. */
export function protocolNumber(word: string): number {
  const wanted = word.toLowerCase();
  return PROTOCOLS.find((one) => one.name === wanted)?.number ?? -1;
}

export function isProtocolWithoutNumber(word: string): boolean {
  return WITHOUT_NUMBER.includes(word.toUpperCase());
}
