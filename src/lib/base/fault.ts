/**
 * Faults: bad bytes are values, never exceptions (throwing costs a hundred times more, and hostile
 * traffic would make us pay it). One code table for the whole program; the code is also the name of
 * the counter under which the loss shows up.
 */
export * from './system-error.js';
export * from './tls-error.js';

/** Every reason for rejecting bytes, with its text. */
export const FAULTS = {
  too_short: 'is shorter than its fixed part',
  truncated: 'ends before its declared length',
  bad_length: 'declares an impossible length',
  bad_magic: 'does not start with a known magic number',
  hep_stream: "is a stream of HEP packets: 'sipcap hep relay --from FILE --to TARGET' sends it to a listener",
  bad_version: 'has an unknown version',
  bad_family: 'has an unknown address family',
  bad_header_length: 'declares an impossible header length',
  bad_chunk_len: 'has a chunk with an impossible length',
  bad_chunk_size: 'has a chunk whose size does not fit its type',
  no_payload: 'carries no payload',
  empty_payload: 'carries an empty payload',
  decompress_failed: 'has a compressed payload that cannot be decompressed',
  too_big: 'is larger than the limit',
  bad_auth_key: 'has a missing or wrong authentication key',
  unknown_link_type: 'has a link type that is not supported',
  unknown_protocol: 'carries a protocol that is not decoded',
  too_deep: 'is nested deeper than the limit',
  bad_fragment: 'is a fragment that does not fit its datagram',
  fragment_limit: 'belongs to a datagram that was given up for the table limit',
  fragment_age: 'belongs to a datagram whose other fragments never came',
  stream_limit: 'belongs to a stream that was given up for the table limit',
  stream_gap: 'lies in a stream that lost bytes',
  not_hep: 'is not HEP',
  plain_sip: 'is plain SIP, not HEP',
  http: 'is HTTP, not HEP',
  heplify_protobuf: 'is a protobuf frame of heplify 1, not HEP',
  hello: 'is a greeting without a message',
  not_sip: 'is not SIP',
  cut: 'is cut off',
  corrupt: 'is corrupt',
} as const;

export type FaultCode = keyof typeof FAULTS;

/** What was wrong with some bytes, and where. */
export interface Fault {
  readonly fault: FaultCode;
  /** The part that was being read: a layer, a chunk, a record. */
  readonly part: string;
  /** Offset of the part's first byte in the frame, packet or file. */
  readonly atByte: number;
  /** Bytes needed and bytes available (0 and 0 if not applicable). */
  readonly needed: number;
  readonly left: number;
}

export function fault(code: FaultCode, part: string, atByte = 0, needed = 0, left = 0): Fault {
  return { fault: code, part, atByte, needed, left };
}

export function isFault(value: unknown): value is Fault {
  return typeof value === 'object' && value !== null && 'fault' in value;
}

/** `ipv4: is shorter than its fixed part, needs 20 bytes, 12 left (at byte 14)` */
export function faultText(f: Fault): string {
  const numbers = f.needed > 0 ? `, needs ${f.needed} bytes, ${f.left} left` : '';
  return `${f.part}: ${FAULTS[f.fault]}${numbers} (at byte ${f.atByte})`;
}

/** An error that the operator must correct before start: usage (exit code 2). */
export class UsageError extends Error {
  override name = 'UsageError';
}

/** A database or target that could not be reached (exit code 4). */
export class UnreachableError extends Error {
  override name = 'UnreachableError';
}
