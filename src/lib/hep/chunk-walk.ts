/**
 * Walks over the chunks of a HEP3 packet into one reused record of numbers and offsets: nothing is allocated, and no text
 * is decoded. Chunk: vendor 2, type 2, length 2 (including these six bytes), data (HEP3 rev. 37 section 3).
 */
import { PAYLOAD_SIP, fault, u16, u32, type Fault } from '../base/index.js';
import { IDENTITY_BYTES, IDENTITY_CHUNK } from './identity-chunk.js';

const HEADER_BYTES = 6;
const CHUNK_HEADER_BYTES = 6;
const IPV4_BYTES = 4;
const IPV6_BYTES = 16;
const MAPPED_PREFIX_BYTES = 12;
/** Vendor 0, chunk 0x000f. */
const PLAIN_PAYLOAD = 0x0000000f;
const VLAN_ID_MASK = 0x0fff;

const IDENTITY_VENDOR_HIGH = 0x53;

/** The values of the generic chunks and of the identity; offsets are -1 for an absent chunk. */
export class Hep3Fields {
  family = 0;
  protocol = 0;
  source4 = -1;
  destination4 = -1;
  source6 = -1;
  destination6 = -1;
  sourcePort = 0;
  destinationPort = 0;
  seconds = 0;
  micros = 0;
  payloadType = PAYLOAD_SIP;
  captureId = -1;
  payloadFrom = -1;
  payloadTo = -1;
  compressed = false;
  correlationFrom = -1;
  correlationTo = -1;
  mapFrom = -1;
  mapTo = -1;
  nameFrom = -1;
  nameTo = -1;
  keyFrom = -1;
  keyTo = -1;
  vlan = -1;
  identityFrom = -1;
  /** Chunks whose size does not fit their type; they are ignored. */
  wrongSizes = 0;
  /** The payload chunk runs past the packet: its captured part is the payload. */
  isCut = false;
  /** The packet is shorter than its total length: chunks after the payload may be missing, too. */
  isTruncated = false;
  /** One past the last byte of the packet. */
  end = 0;

  /** Reads `bytes[from, to)`, which begins with the magic number; bytes beyond the packet's own length are ignored. */
  walk(bytes: Buffer, from: number, to: number): Fault | null {
    if (to - from < HEADER_BYTES) return fault('too_short', 'hep3', from, HEADER_BYTES, to - from);
    const total = u16(bytes, from + 4);
    if (total < HEADER_BYTES) return fault('bad_length', 'hep3', from + 4);
    const isTruncated = from + total > to;
    const end = isTruncated ? to : from + total;

    let family = 0;
    let protocol = 0;
    let source4 = -1;
    let destination4 = -1;
    let source6 = -1;
    let destination6 = -1;
    let sourcePort = 0;
    let destinationPort = 0;
    let seconds = 0;
    let micros = 0;
    let payloadType = PAYLOAD_SIP;
    let captureId = -1;
    let payloadFrom = -1;
    let payloadTo = -1;
    let compressed = false;
    let correlationFrom = -1;
    let correlationTo = -1;
    let mapFrom = -1;
    let mapTo = -1;
    let nameFrom = -1;
    let nameTo = -1;
    let keyFrom = -1;
    let keyTo = -1;
    let vlan = -1;
    let identityFrom = -1;
    let wrongSizes = 0;
    let isCut = false;

    let at = from + HEADER_BYTES;
    while (at < end) {
      if (end - at < CHUNK_HEADER_BYTES) {
        if (isTruncated) break;
        return fault('bad_chunk_len', 'hep3 chunk', at, CHUNK_HEADER_BYTES, end - at);
      }
      let length = (bytes[at + 4] << 8) | bytes[at + 5];
      if (at + length > end && u32(bytes, at) === PLAIN_PAYLOAD && end - at > CHUNK_HEADER_BYTES) {
        isCut = true;
        length = end - at;
      }
      if (length < CHUNK_HEADER_BYTES || at + length > end) {
        if (isTruncated) break;
        return fault('bad_chunk_len', 'hep3 chunk', at, length, end - at);
      }
      const data = at + CHUNK_HEADER_BYTES;
      const size = length - CHUNK_HEADER_BYTES;
      if (bytes[at] === 0 && bytes[at + 1] === 0 && bytes[at + 2] === 0) {
        switch (bytes[at + 3]) {
          case 0x01:
            if (size !== 1) wrongSizes++;
            else family = bytes[data];
            break;
          case 0x02:
            if (size !== 1) wrongSizes++;
            else protocol = bytes[data];
            break;
          case 0x03:
            if (size === IPV4_BYTES) source4 = data;
            else if (size !== IPV6_BYTES) wrongSizes++;
            else if (isMappedIpv4(bytes, data)) source4 = data + MAPPED_PREFIX_BYTES;
            else source6 = data;
            break;
          case 0x04:
            if (size === IPV4_BYTES) destination4 = data;
            else if (size !== IPV6_BYTES) wrongSizes++;
            else if (isMappedIpv4(bytes, data)) destination4 = data + MAPPED_PREFIX_BYTES;
            else destination6 = data;
            break;
          case 0x05:
            if (size !== IPV6_BYTES) wrongSizes++;
            else source6 = data;
            break;
          case 0x06:
            if (size !== IPV6_BYTES) wrongSizes++;
            else destination6 = data;
            break;
          case 0x07:
            if (size !== 2) wrongSizes++;
            else sourcePort = u16(bytes, data);
            break;
          case 0x08:
            if (size !== 2) wrongSizes++;
            else destinationPort = u16(bytes, data);
            break;
          case 0x09:
            if (size !== 4) wrongSizes++;
            else seconds = u32(bytes, data);
            break;
          case 0x0a:
            if (size !== 4) wrongSizes++;
            else micros = u32(bytes, data);
            break;
          case 0x0b:
            // One byte according to the specification; some senders write two or four.
            if (size === 1) payloadType = bytes[data];
            else if (size === 2) payloadType = u16(bytes, data);
            else if (size === 4) payloadType = u32(bytes, data);
            else wrongSizes++;
            break;
          case 0x0c:
            if (size !== 4) wrongSizes++;
            else captureId = u32(bytes, data);
            break;
          case 0x0e:
            if (keyFrom < 0) {
              keyFrom = data;
              keyTo = data + size;
            }
            break;
          case 0x0f:
          case 0x10:
            payloadFrom = data;
            payloadTo = data + size;
            compressed = bytes[at + 3] === 0x10;
            break;
          case 0x11:
            if (correlationFrom < 0) {
              correlationFrom = data;
              correlationTo = data + size;
            }
            break;
          case 0x12:
            // Senders that always write the chunk use 0 for untagged (IEEE 802.1Q: id 0 is not a VLAN).
            if (size === 2 && vlan < 0) vlan = u16(bytes, data) & VLAN_ID_MASK || -1;
            break;
          case 0x13:
            if (nameFrom < 0) {
              nameFrom = data;
              nameTo = data + size;
            }
            break;
          case 0x65:
            if (mapFrom < 0) {
              mapFrom = data;
              mapTo = data + size;
            }
            break;
          default:
            break;
        }
      } else if (bytes[at] === IDENTITY_VENDOR_HIGH && u32(bytes, at) === IDENTITY_CHUNK) {
        if (size !== IDENTITY_BYTES) wrongSizes++;
        else if (identityFrom < 0) identityFrom = data;
      }
      at += length;
    }
    if (isTruncated && (payloadFrom < 0 || payloadFrom === payloadTo)) return fault('truncated', 'hep3', from, total, to - from);

    this.family = family;
    this.protocol = protocol;
    this.source4 = source4;
    this.destination4 = destination4;
    this.source6 = source6;
    this.destination6 = destination6;
    this.sourcePort = sourcePort;
    this.destinationPort = destinationPort;
    this.seconds = seconds;
    this.micros = micros;
    this.payloadType = payloadType;
    this.captureId = captureId;
    this.payloadFrom = payloadFrom;
    this.payloadTo = payloadTo;
    this.compressed = compressed;
    this.correlationFrom = correlationFrom;
    this.correlationTo = correlationTo;
    this.mapFrom = mapFrom;
    this.mapTo = mapTo;
    this.nameFrom = nameFrom;
    this.nameTo = nameTo;
    this.keyFrom = keyFrom;
    this.keyTo = keyTo;
    this.vlan = vlan;
    this.identityFrom = identityFrom;
    this.wrongSizes = wrongSizes;
    this.isCut = isCut;
    this.isTruncated = isTruncated;
    this.end = end;
    return null;
  }
}

/** ::ffff:a.b.c.d (RFC 4291 section 2.5.5.2), which some senders write into the chunks for IPv4. */
function isMappedIpv4(bytes: Buffer, at: number): boolean {
  for (let i = 0; i < 10; i++) if (bytes[at + i] !== 0) return false;
  return u16(bytes, at + 10) === 0xffff;
}
