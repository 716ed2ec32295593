/**
 * HEP versions 1 and 2: version 1, header length 1, family 1, protocol 1, ports 2 + 2, addresses 2 x 4 or 2 x 16;
 * version 2 adds seconds 4, microseconds 4, capture id 2 and 2 bytes of padding in the sender's byte order. The
 * length byte is ignored: senders disagree about what it counts; the family decides.
 */
import {
  FAMILY_IPV4, FAMILY_IPV6, NO_FRAMES, PAYLOAD_SIP, fault, u16, u16le, u32, u32le,
  type AddressBook, type Counters, type Fault, type Message,
} from '../base/index.js';
import { envelope, type HepPeer } from './envelope.js';
import { beginsLikeSip } from './not-hep.js';
import { plausibleTime } from './time.js';

const FIXED_BYTES = 8;
const TIME_BYTES = 12;
/** Some senders leave the padding out. */
const SHORT_TIME_BYTES = 10;

export function decodeHep12(
  bytes: Buffer, from: number, to: number, receivedAt: number, peer: HepPeer, addressBook: AddressBook, counters: Counters,
): Message | Fault {
  const version = bytes[from];
  const part = `hep${version}`;
  if (to - from < FIXED_BYTES) return fault('too_short', part, from, FIXED_BYTES, to - from);
  const family = bytes[from + 2];
  if (family !== FAMILY_IPV4 && family !== FAMILY_IPV6) return fault('bad_family', part, from + 2);
  const size = family === FAMILY_IPV4 ? 4 : 16;
  const addresses = from + FIXED_BYTES;
  const behind = addresses + size * 2;
  const headerEnd = version === 1 ? behind : behind + timeBytes(bytes, behind, to);
  if (to < headerEnd) return fault('truncated', part, from, headerEnd - from, to - from);
  if (to === headerEnd) return fault('empty_payload', part, headerEnd);
  let capturedAt = receivedAt;
  let captureId = -1;
  if (version === 2) {
    const little = isLittleEndian(bytes, behind, receivedAt);
    if (little === null) counters.add('time_of_arrival');
    else capturedAt = little ? u32le(bytes, behind) * 1e6 + u32le(bytes, behind + 4) : u32(bytes, behind) * 1e6 + u32(bytes, behind + 4);
    captureId = little === false ? u16(bytes, behind + 8) : u16le(bytes, behind + 8);
  }
  return {
    capturedAt,
    sourceAddress: family === FAMILY_IPV4 ? addressBook.ipv4(bytes, addresses) : addressBook.ipv6(bytes, addresses),
    sourcePort: u16(bytes, from + 4),
    destinationAddress: family === FAMILY_IPV4 ? addressBook.ipv4(bytes, addresses + 4) : addressBook.ipv6(bytes, addresses + 16),
    destinationPort: u16(bytes, from + 6),
    protocol: bytes[from + 3],
    family,
    payloadType: PAYLOAD_SIP,
    payload: bytes.subarray(headerEnd, to),
    captureId,
    captureName: '',
    correlationId: '',
    vlan: -1,
    outerSource: '',
    outerDestination: '',
    frameNumber: 0,
    envelope: envelope(version, bytes.subarray(from, to), peer),
    sip: null,
    frames: NO_FRAMES,
  };
}

/** Twelve, unless a message plainly begins where the padding should be. */
function timeBytes(bytes: Buffer, at: number, to: number): number {
  if (beginsLikeSip(bytes, at + TIME_BYTES, to)) return TIME_BYTES;
  return beginsLikeSip(bytes, at + SHORT_TIME_BYTES, to) ? SHORT_TIME_BYTES : TIME_BYTES;
}

/** Little endian is what nearly all senders write; null where neither order makes a sensible time. */
function isLittleEndian(bytes: Buffer, at: number, receivedAt: number): boolean | null {
  if (u32le(bytes, at + 4) < 1_000_000 && plausibleTime(u32le(bytes, at), receivedAt)) return true;
  if (u32(bytes, at + 4) < 1_000_000 && plausibleTime(u32(bytes, at), receivedAt)) return false;
  return null;
}
