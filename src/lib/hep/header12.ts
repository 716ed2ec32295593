/**
 * The header of HEP versions 1 and 2: version 1, header length 1, family 1, protocol 1, ports 2 + 2, addresses
 * 2 x 4 or 2 x 16; version 2 adds seconds 4, microseconds 4, capture id 2 and 2 bytes of padding in the sender's
 * byte order. The length byte is ignored because senders disagree about what it counts; the family decides.
 */
import { FAMILY_IPV4, FAMILY_IPV6, fault, u32, u32le, type Fault } from '../base/index.js';
import { beginsLikeSip } from './not-hep.js';
import { plausibleTime } from './time.js';

export const FIXED_BYTES = 8;
export const TIME_BYTES = 12;
/** Some senders omit the padding. */
const SHORT_TIME_BYTES = 10;

export interface Header12 {
  version: number;
  family: number;
  /** Bytes of one address; the source is at `addressesAt`, followed by the destination. */
  addressBytes: number;
  addressesAt: number;
  /** Offset of the seconds of version 2; -1 in version 1. */
  timeAt: number;
  payloadAt: number;
}

/** The parts of a version 1 or 2 packet `bytes[from, to)`; the payload has at least one byte. */
export function readHeader12(bytes: Buffer, from: number, to: number): Header12 | Fault {
  const version = bytes[from];
  const part = `hep${version}`;
  if (to - from < FIXED_BYTES) return fault('too_short', part, from, FIXED_BYTES, to - from);
  const family = bytes[from + 2];
  if (family !== FAMILY_IPV4 && family !== FAMILY_IPV6) return fault('bad_family', part, from + 2);
  const addressBytes = family === FAMILY_IPV4 ? 4 : 16;
  const addressesAt = from + FIXED_BYTES;
  const behind = addressesAt + addressBytes * 2;
  const timeAt = version === 2 ? behind : -1;
  const payloadAt = version === 2 ? behind + timeBytes(bytes, behind, to) : behind;
  if (to < payloadAt) return fault('truncated', part, from, payloadAt - from, to - from);
  if (to === payloadAt) return fault('empty_payload', part, payloadAt);
  return { version, family, addressBytes, addressesAt, timeAt, payloadAt };
}

/** Twelve, unless a message begins where the padding should be. */
function timeBytes(bytes: Buffer, at: number, to: number): number {
  if (beginsLikeSip(bytes, at + TIME_BYTES, to)) return TIME_BYTES;
  return beginsLikeSip(bytes, at + SHORT_TIME_BYTES, to) ? SHORT_TIME_BYTES : TIME_BYTES;
}

/** False only if the time block makes sense in big-endian order alone; nearly all senders are little endian. */
export function isLittleEndian(bytes: Buffer, timeAt: number, receivedAt: number): boolean {
  if (isTime(u32le(bytes, timeAt), u32le(bytes, timeAt + 4), receivedAt)) return true;
  return !isTime(u32(bytes, timeAt), u32(bytes, timeAt + 4), receivedAt);
}

function isTime(seconds: number, micros: number, receivedAt: number): boolean {
  return micros < 1_000_000 && plausibleTime(seconds, receivedAt);
}
