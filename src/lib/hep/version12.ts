/** Messages from HEP versions 1 and 2 (layout: header12.ts): always SIP; version 1 has neither time nor capture id. */
import {
  FAMILY_IPV4,
  NO_FRAMES,
  NO_SEQUENCE,
  PAYLOAD_SIP,
  isFault,
  u16,
  u16le,
  u32,
  u32le,
  type AddressTextCache,
  type Counters,
  type Fault,
  type Message,
} from '../base/index.js';
import { envelope, type HepPeer } from './envelope.js';
import { isLittleEndian, readHeader12 } from './header12.js';
import { microsecondsOf, plausibleTime } from './time.js';

export function decodeHep12(
  bytes: Buffer,
  from: number,
  to: number,
  receivedAt: number,
  peer: HepPeer,
  addressTexts: AddressTextCache,
  counters: Counters,
): Message | Fault {
  const header = readHeader12(bytes, from, to);
  if (isFault(header)) return header;
  const { version, family, addressBytes, addressesAt, timeAt, payloadAt } = header;
  const isIpv4 = family === FAMILY_IPV4;
  let capturedAt = receivedAt;
  let captureId = -1;
  if (timeAt >= 0) {
    const little = isLittleEndian(bytes, timeAt, receivedAt);
    const seconds = little ? u32le(bytes, timeAt) : u32(bytes, timeAt);
    const micros = little ? u32le(bytes, timeAt + 4) : u32(bytes, timeAt + 4);
    const isPlain = micros < 1_000_000 && plausibleTime(seconds, receivedAt);
    capturedAt = isPlain ? seconds * 1e6 + micros : microsecondsOf(seconds, micros, receivedAt, counters);
    captureId = little ? u16le(bytes, timeAt + 8) : u16(bytes, timeAt + 8);
  }
  return {
    capturedAt,
    sourceAddress: isIpv4 ? addressTexts.ipv4(bytes, addressesAt) : addressTexts.ipv6(bytes, addressesAt),
    sourcePort: u16(bytes, from + 4),
    destinationAddress: isIpv4
      ? addressTexts.ipv4(bytes, addressesAt + addressBytes)
      : addressTexts.ipv6(bytes, addressesAt + addressBytes),
    destinationPort: u16(bytes, from + 6),
    protocol: bytes[from + 3],
    family,
    payloadType: PAYLOAD_SIP,
    payload: bytes.subarray(payloadAt, to),
    captureId,
    captureName: '',
    correlationId: '',
    vlan: -1,
    outerSource: '',
    outerDestination: '',
    frameNumber: 0,
    sourceIndex: 0,
    stream: 0n,
    sequence: NO_SEQUENCE,
    envelope: envelope(version, from === 0 && to === bytes.length ? bytes : bytes.subarray(from, to), peer, false),
    sip: null,
    frames: NO_FRAMES,
  };
}
