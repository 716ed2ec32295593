/**
 * HEP packets to messages: versions 1, 2 and 3, told apart by their first bytes. HEP3 (HEP3 Network Protocol
 * Specification rev. 37): magic 4, total length 2, chunks of vendor 2, type 2, length 2 (with these six bytes),
 * data. Vendor and type together name a chunk: another vendor's chunk never changes a generic one.
 */
import { timingSafeEqual } from 'node:crypto';
import {
  Counters, FAMILY_IPV4, FAMILY_IPV6, NO_FRAMES, PAYLOAD_SIP, fault, isFault, u16, u32,
  type AddressBook, type Fault, type Message,
} from '../base/index.js';
import { envelope, type HepPeer } from './envelope.js';
import { notHep } from './not-hep.js';
import { payloadWithoutPadding, unwrapJson } from './payload.js';
import { microsecondsOf, plausibleTime } from './time.js';
import { unpackDatagram, unpackPayload } from './unpack.js';
import { decodeHep12 } from './version12.js';

const HEADER_BYTES = 6;
const CHUNK_HEADER_BYTES = 6;
const MAGIC_HEP3 = 0x48455033;
const MAGIC_EEP3 = 0x45455033;
const IPV4_BYTES = 4;
const IPV6_BYTES = 16;

export interface HepDecoderOptions {
  addressBook: AddressBook;
  /** Packets without this key are refused (chunk 0x000e); absent: everything is taken. */
  authKey?: Buffer;
  /** Limit for unpacked payloads in bytes. */
  maxUnpackedBytes?: number;
}

const MOST_UNPACKED_BYTES = 1_048_576;

export class HepDecoder {
  /** What was mended or guessed, by name; nothing here was lost. */
  readonly counters = new Counters();
  private readonly addressBook: AddressBook;
  private readonly authKey: Buffer | null;
  private readonly maxUnpackedBytes: number;

  constructor(options: HepDecoderOptions) {
    this.addressBook = options.addressBook;
    this.authKey = options.authKey ?? null;
    this.maxUnpackedBytes = options.maxUnpackedBytes ?? MOST_UNPACKED_BYTES;
  }

  /** One packet, `bytes[from, to)`, that arrived at `receivedAt` (microseconds since 1970). */
  decode(bytes: Buffer, from: number, to: number, receivedAt: number, peer: HepPeer): Message | Fault {
    if (to - from < 4) return fault('too_short', 'hep', from, 4, to - from);
    const magic = u32(bytes, from);
    if (magic === MAGIC_HEP3 || magic === MAGIC_EEP3) return this.version3(bytes, from, to, receivedAt, peer);
    if (bytes[from] === 0x1f && bytes[from + 1] === 0x8b) {
      const unpacked = unpackDatagram(bytes, from, to, this.maxUnpackedBytes);
      if (isFault(unpacked)) return unpacked;
      this.counters.add('packed_datagram');
      if (unpacked[0] === 0x1f) return fault('decompress_failed', 'hep datagram', from);
      return this.decode(unpacked, 0, unpacked.length, receivedAt, peer);
    }
    if (bytes[from] !== 1 && bytes[from] !== 2) return notHep(bytes, from, to);
    // Versions 1 and 2 carry no key.
    if (this.authKey !== null) return fault('bad_auth_key', `hep${bytes[from]}`, from);
    const message = decodeHep12(bytes, from, to, receivedAt, peer, this.addressBook, this.counters);
    return isFault(message) ? message : this.finish(message);
  }

  private version3(bytes: Buffer, from: number, to: number, receivedAt: number, peer: HepPeer): Message | Fault {
    if (to - from < HEADER_BYTES) return fault('too_short', 'hep3', from, HEADER_BYTES, to - from);
    const total = u16(bytes, from + 4);
    if (total < HEADER_BYTES) return fault('bad_length', 'hep3', from + 4);
    const end = from + total;
    if (end > to) return fault('truncated', 'hep3', from, total, to - from);
    if (end < to) this.counters.add('bytes_behind_packet', to - end);

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
    let packed = false;
    let correlationFrom = -1;
    let correlationTo = -1;
    let mapFrom = -1;
    let mapTo = -1;
    let nameFrom = -1;
    let nameTo = -1;
    let keyFrom = -1;
    let keyTo = -1;
    let vlan = -1;

    let at = from + HEADER_BYTES;
    while (at < end) {
      if (end - at < CHUNK_HEADER_BYTES) return fault('bad_chunk_len', 'hep3 chunk', at, CHUNK_HEADER_BYTES, end - at);
      const length = (bytes[at + 4] << 8) | bytes[at + 5];
      if (length < CHUNK_HEADER_BYTES || at + length > end) return fault('bad_chunk_len', 'hep3 chunk', at, length, end - at);
      const data = at + CHUNK_HEADER_BYTES;
      const size = length - CHUNK_HEADER_BYTES;
      if (bytes[at] === 0 && bytes[at + 1] === 0 && bytes[at + 2] === 0) {
        switch (bytes[at + 3]) {
          case 0x01:
            if (size !== 1) return badSize('family', at, 1, size);
            family = bytes[data];
            break;
          case 0x02:
            if (size !== 1) return badSize('protocol', at, 1, size);
            protocol = bytes[data];
            break;
          case 0x03:
            if (size !== IPV4_BYTES) return badSize('source address', at, IPV4_BYTES, size);
            source4 = data;
            break;
          case 0x04:
            if (size !== IPV4_BYTES) return badSize('destination address', at, IPV4_BYTES, size);
            destination4 = data;
            break;
          case 0x05:
            if (size !== IPV6_BYTES) return badSize('source address', at, IPV6_BYTES, size);
            source6 = data;
            break;
          case 0x06:
            if (size !== IPV6_BYTES) return badSize('destination address', at, IPV6_BYTES, size);
            destination6 = data;
            break;
          case 0x07:
            if (size !== 2) return badSize('source port', at, 2, size);
            sourcePort = u16(bytes, data);
            break;
          case 0x08:
            if (size !== 2) return badSize('destination port', at, 2, size);
            destinationPort = u16(bytes, data);
            break;
          case 0x09:
            if (size !== 4) return badSize('seconds', at, 4, size);
            seconds = u32(bytes, data);
            break;
          case 0x0a:
            if (size !== 4) return badSize('microseconds', at, 4, size);
            micros = u32(bytes, data);
            break;
          case 0x0b:
            // One byte by the specification; some senders write two or four.
            if (size === 1) payloadType = bytes[data];
            else if (size === 2) payloadType = u16(bytes, data);
            else if (size === 4) payloadType = u32(bytes, data);
            else return badSize('payload type', at, 1, size);
            break;
          case 0x0c:
            if (size !== 4) return badSize('capture id', at, 4, size);
            captureId = u32(bytes, data);
            break;
          case 0x0e:
            keyFrom = data;
            keyTo = data + size;
            break;
          case 0x0f:
          case 0x10:
            payloadFrom = data;
            payloadTo = data + size;
            packed = bytes[at + 3] === 0x10;
            break;
          case 0x11:
            if (correlationFrom < 0) {
              correlationFrom = data;
              correlationTo = data + size;
            }
            break;
          case 0x12:
            if (size === 2) vlan = u16(bytes, data) & 0x0fff;
            break;
          case 0x13:
            nameFrom = data;
            nameTo = data + size;
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
      }
      at += length;
    }

    if (this.authKey !== null && !this.keyAgrees(bytes, keyFrom, keyTo)) return fault('bad_auth_key', 'hep3', from);
    if (payloadFrom < 0) return fault('no_payload', 'hep3', from);
    if (payloadFrom === payloadTo) return fault('empty_payload', 'hep3', payloadFrom);
    const usesIpv6 = this.choosesIpv6(family, source4 >= 0 || destination4 >= 0, source6 >= 0 || destination6 >= 0);
    if (payloadType === 0 && protocol === 0 && isHello(bytes, payloadFrom, payloadTo)) return fault('hello', 'hep3', from);
    let payload: Buffer;
    if (packed) {
      const unpacked = unpackPayload(bytes, payloadFrom, payloadTo, this.maxUnpackedBytes);
      if (isFault(unpacked)) return unpacked;
      payload = unpacked;
    } else {
      payload = bytes.subarray(payloadFrom, payloadTo);
    }
    const source = usesIpv6 ? source6 : source4;
    const destination = usesIpv6 ? destination6 : destination4;
    if (source < 0 || destination < 0) this.counters.add('incomplete_addresses');
    const message: Message = {
      capturedAt: this.time(seconds, micros, receivedAt),
      sourceAddress: source < 0 ? '' : usesIpv6 ? this.addressBook.ipv6(bytes, source) : this.addressBook.ipv4(bytes, source),
      sourcePort,
      destinationAddress: destination < 0 ? '' : usesIpv6 ? this.addressBook.ipv6(bytes, destination) : this.addressBook.ipv4(bytes, destination),
      destinationPort,
      protocol,
      family: source < 0 && destination < 0 ? 0 : usesIpv6 ? FAMILY_IPV6 : FAMILY_IPV4,
      payloadType,
      payload,
      captureId,
      captureName: nameFrom < 0 ? '' : text(bytes, nameFrom, nameTo),
      correlationId: correlationFrom >= 0 ? text(bytes, correlationFrom, correlationTo) : mapFrom >= 0 ? text(bytes, mapFrom, mapTo) : '',
      vlan,
      outerSource: '',
      outerDestination: '',
      frameNumber: 0,
      envelope: envelope(3, from === 0 && end === bytes.length ? bytes : bytes.subarray(from, end), peer),
      sip: null,
      frames: NO_FRAMES,
    };
    return this.finish(message);
  }

  /** By the family where it is one that we know, else by the addresses that are there. */
  private choosesIpv6(family: number, has4: boolean, has6: boolean): boolean {
    if (family !== FAMILY_IPV4 && family !== FAMILY_IPV6) this.counters.add('family_inferred');
    if (has4 !== has6) return has6;
    return family === FAMILY_IPV6 || OTHER_IPV6_FAMILIES.has(family);
  }

  private time(seconds: number, micros: number, receivedAt: number): number {
    if (micros < 1_000_000 && plausibleTime(seconds, receivedAt)) return seconds * 1e6 + micros;
    return microsecondsOf(seconds, micros, receivedAt, this.counters);
  }

  /** What all versions have in common: padding, and SIP wrapped in JSON. */
  private finish(message: Message): Message | Fault {
    const { payload } = message;
    if (message.payloadType !== PAYLOAD_SIP) return message;
    if (payload[payload.length - 1] === 0) {
      message.payload = payloadWithoutPadding(payload);
      if (message.payload.length === 0) return fault('empty_payload', 'hep');
      this.counters.add('padding_bytes', payload.length - message.payload.length);
    }
    if (payload[0] === 0x7b) {
      const inner = unwrapJson(payload);
      if (inner !== null) {
        message.payload = inner;
        this.counters.add('json_wrapped_sip');
      }
    }
    return message;
  }

  /** Compared in constant time; senders pad keys with NULs. */
  private keyAgrees(bytes: Buffer, from: number, to: number): boolean {
    let end = to;
    while (end > from && bytes[end - 1] === 0) end--;
    const key = this.authKey!;
    const given = Buffer.alloc(key.length);
    if (from >= 0) bytes.copy(given, 0, from, Math.min(end, from + key.length));
    return timingSafeEqual(given, key) && from >= 0 && end - from === key.length;
  }
}

/** AF_INET6 of other systems than Linux. */
const OTHER_IPV6_FAMILIES: ReadonlySet<number> = new Set([23, 24, 26, 28, 30]);

function badSize(part: string, at: number, needed: number, left: number): Fault {
  return fault('bad_chunk_size', `hep3 ${part}`, at, needed, left);
}

/** heplify opens with a packet that says "HEP3" and nothing else. */
function isHello(bytes: Buffer, from: number, to: number): boolean {
  return to - from <= 8 && to - from >= 4 && u32(bytes, from) === MAGIC_HEP3;
}

/** Text of a chunk; NULs that pad it are no part of it. */
function text(bytes: Buffer, from: number, to: number): string {
  let end = to;
  while (end > from && bytes[end - 1] === 0) end--;
  const value = bytes.utf8Slice(from, end);
  return value.indexOf('\0') < 0 ? value : value.replaceAll('\0', '\ufffd');
}
