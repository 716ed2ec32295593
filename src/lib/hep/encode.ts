/**
 * Messages to HEP packets. Version 3 (HEP3 Network Protocol Specification rev. 37): every field of the message, the payload
 * last. Versions 1 and 2: SIP only, the time block in little-endian order as from nearly all senders, without the trailing
 * NULs of some.
 */
import { gzipSync } from 'node:zlib';
import { FAMILY_IPV4, FAMILY_IPV6, NO_STREAM, PAYLOAD_SIP, fault, putU16, putU32, type Fault, type Message } from '../base/index.js';
import { AddressBytes } from './address-bytes.js';
import { CHUNK, CHUNK_HEADER_BYTES, MAX_PACKET_BYTES, PACKET_HEADER_BYTES } from './chunks.js';
import { FIXED_BYTES, TIME_BYTES } from './header12.js';
import { IDENTITY_CHUNK_BYTES, IdentityWriter } from './identity-chunk.js';
import { MAX_DECOMPRESSED_BYTES } from './decompress.js';

export interface HepEncoderOptions {
  version: 1 | 2 | 3;
  /** Capture id of messages without one. */
  captureId: number;
  /** Chunk 0x000e, or null. */
  authKey: Buffer | null;
  /** Capture name (chunk 0x0013) of messages without one, '' for none. */
  captureName: string;
  /** Compresses the payload with gzip into chunk 0x0010. */
  compress: boolean;
  /** Adds the identity of messages that have one (vendor 0x5343, chunk 0x0101); absent: no. */
  identity?: boolean;
}

/** What the sender knows about a message beyond its record. */
export interface HepExtras {
  /** '' for that of the message. */
  correlationId: string;
  /** Six bytes each, or null. */
  sourceMac: Buffer | null;
  destinationMac: Buffer | null;
  /** -1 for none. */
  tcpFlags: number;
}

export const NO_EXTRAS: HepExtras = Object.freeze({ correlationId: '', sourceMac: null, destinationMac: null, tcpFlags: -1 });

const MAGIC = 0x48455033;
const MAX_U32 = 0xffffffff;
/** Largest UDP payload over IPv4 (RFC 768, RFC 791), the only transport of versions 1 and 2. */
const MAX_DATAGRAM_BYTES = 65_507;
const U8_CHUNK = CHUNK_HEADER_BYTES + 1;
const U16_CHUNK = CHUNK_HEADER_BYTES + 2;
const U32_CHUNK = CHUNK_HEADER_BYTES + 4;
/** Family, protocol and type; two ports; seconds, microseconds and capture id. */
const FIXED_CHUNKS = 3 * U8_CHUNK + 2 * U16_CHUNK + 3 * U32_CHUNK;

export class HepEncoder {
  private readonly addresses = new AddressBytes();
  private readonly identity = new IdentityWriter();

  constructor(private readonly options: HepEncoderOptions) {}

  encode(message: Message, extras: HepExtras = NO_EXTRAS): Buffer | Fault {
    return this.options.version === 3 ? this.version3(message, extras) : this.version12(message, this.options.version);
  }

  private version3(message: Message, extras: HepExtras): Buffer | Fault {
    const { options } = this;
    // Compressed it might fit, but no receiver would decompress it.
    if (options.compress && message.payload.length > MAX_DECOMPRESSED_BYTES)
      return fault('too_big', 'hep3 payload', 0, message.payload.length, MAX_DECOMPRESSED_BYTES);
    const isIpv6 = usesIpv6(message);
    const source = this.addresses.of(message.sourceAddress, isIpv6);
    const destination = this.addresses.of(message.destinationAddress, isIpv6);
    const correlation = extras.correlationId !== '' ? extras.correlationId : message.correlationId;
    const name = message.captureName !== '' ? message.captureName : options.captureName;
    const payload = options.compress ? gzipSync(message.payload) : message.payload;
    const correlationBytes = correlation === '' ? 0 : Buffer.byteLength(correlation);
    const nameBytes = name === '' ? 0 : Buffer.byteLength(name);
    let total = PACKET_HEADER_BYTES + FIXED_CHUNKS + CHUNK_HEADER_BYTES + payload.length;
    for (const data of [source, destination, options.authKey, extras.sourceMac, extras.destinationMac]) {
      if (data !== null) total += CHUNK_HEADER_BYTES + data.length;
    }
    if (correlationBytes > 0) total += CHUNK_HEADER_BYTES + correlationBytes;
    if (nameBytes > 0) total += CHUNK_HEADER_BYTES + nameBytes;
    if (message.vlan >= 0) total += U16_CHUNK;
    if (extras.tcpFlags >= 0) total += U8_CHUNK;
    const isIdentified = options.identity === true && message.stream !== NO_STREAM && total + IDENTITY_CHUNK_BYTES <= MAX_PACKET_BYTES;
    if (isIdentified) total += IDENTITY_CHUNK_BYTES;
    if (total > MAX_PACKET_BYTES) return fault('too_big', 'hep3', 0, total, MAX_PACKET_BYTES);

    const bytes = Buffer.allocUnsafe(total);
    const seconds = secondsOf(message);
    putU32(bytes, 0, MAGIC);
    putU16(bytes, 4, total);
    let at = putU8Chunk(bytes, PACKET_HEADER_BYTES, CHUNK.family, isIpv6 ? FAMILY_IPV6 : FAMILY_IPV4);
    at = putU8Chunk(bytes, at, CHUNK.protocol, message.protocol);
    at = putChunk(bytes, at, isIpv6 ? CHUNK.source6 : CHUNK.source4, source);
    at = putChunk(bytes, at, isIpv6 ? CHUNK.destination6 : CHUNK.destination4, destination);
    at = putU16Chunk(bytes, at, CHUNK.sourcePort, message.sourcePort);
    at = putU16Chunk(bytes, at, CHUNK.destinationPort, message.destinationPort);
    at = putU32Chunk(bytes, at, CHUNK.seconds, seconds);
    at = putU32Chunk(bytes, at, CHUNK.micros, microsOf(message));
    at = putU8Chunk(bytes, at, CHUNK.payloadType, message.payloadType);
    at = putU32Chunk(bytes, at, CHUNK.captureId, message.captureId >= 0 ? message.captureId : options.captureId);
    at = putChunk(bytes, at, CHUNK.authKey, options.authKey);
    if (correlationBytes > 0) at = putText(bytes, at, CHUNK.correlationId, correlation, correlationBytes);
    if (message.vlan >= 0) at = putU16Chunk(bytes, at, CHUNK.vlan, message.vlan);
    if (nameBytes > 0) at = putText(bytes, at, CHUNK.captureName, name, nameBytes);
    at = putChunk(bytes, at, CHUNK.sourceMac, extras.sourceMac);
    at = putChunk(bytes, at, CHUNK.destinationMac, extras.destinationMac);
    if (extras.tcpFlags >= 0) at = putU8Chunk(bytes, at, CHUNK.tcpFlags, extras.tcpFlags);
    if (isIdentified) at = this.identity.put(bytes, at, message.stream, message.sequence);
    putChunk(bytes, at, options.compress ? CHUNK.compressedPayload : CHUNK.payload, payload);
    return bytes;
  }

  private version12(message: Message, version: 1 | 2): Buffer | Fault {
    // These versions have no payload type: receivers assume SIP.
    if (message.payloadType !== PAYLOAD_SIP) return fault('not_sip', `hep${version}`);
    const isIpv6 = usesIpv6(message);
    const size = isIpv6 ? 16 : 4;
    const headerBytes = FIXED_BYTES + size * 2;
    const payloadAt = headerBytes + (version === 2 ? TIME_BYTES : 0);
    const total = payloadAt + message.payload.length;
    if (total > MAX_DATAGRAM_BYTES) return fault('too_big', `hep${version}`, 0, total, MAX_DATAGRAM_BYTES);
    const bytes = Buffer.alloc(total);
    bytes[0] = version;
    // As OpenSIPS and Kamailio write and require it: header and addresses, never the time.
    bytes[1] = headerBytes;
    bytes[2] = isIpv6 ? FAMILY_IPV6 : FAMILY_IPV4;
    bytes[3] = message.protocol;
    putU16(bytes, 4, message.sourcePort);
    putU16(bytes, 6, message.destinationPort);
    this.addresses.of(message.sourceAddress, isIpv6)?.copy(bytes, FIXED_BYTES);
    this.addresses.of(message.destinationAddress, isIpv6)?.copy(bytes, FIXED_BYTES + size);
    if (version === 2) {
      bytes.writeUInt32LE(secondsOf(message), headerBytes);
      bytes.writeUInt32LE(microsOf(message), headerBytes + 4);
      const captureId = message.captureId >= 0 ? message.captureId : this.options.captureId;
      bytes.writeUInt16LE(captureId & 0xffff, headerBytes + 8);
    }
    message.payload.copy(bytes, payloadAt);
    return bytes;
  }
}

/** Next to an IPv6 address, an IPv4 one is written as mapped IPv6: the packet has one family. */
function usesIpv6(message: Message): boolean {
  return message.sourceAddress.includes(':') || message.destinationAddress.includes(':');
}

function secondsOf(message: Message): number {
  return Math.min(Math.max(Math.floor(message.capturedAt / 1e6), 0), MAX_U32);
}

function microsOf(message: Message): number {
  return Math.max(Math.floor(message.capturedAt % 1e6), 0);
}

function putHeader(bytes: Buffer, at: number, id: number, size: number): number {
  putU16(bytes, at, 0);
  putU16(bytes, at + 2, id);
  putU16(bytes, at + 4, CHUNK_HEADER_BYTES + size);
  return at + CHUNK_HEADER_BYTES;
}

function putU8Chunk(bytes: Buffer, at: number, id: number, value: number): number {
  bytes[putHeader(bytes, at, id, 1)] = value;
  return at + U8_CHUNK;
}

function putU16Chunk(bytes: Buffer, at: number, id: number, value: number): number {
  putU16(bytes, putHeader(bytes, at, id, 2), value);
  return at + U16_CHUNK;
}

function putU32Chunk(bytes: Buffer, at: number, id: number, value: number): number {
  putU32(bytes, putHeader(bytes, at, id, 4), value);
  return at + U32_CHUNK;
}

function putText(bytes: Buffer, at: number, id: number, text: string, size: number): number {
  bytes.write(text, putHeader(bytes, at, id, size), size, 'utf8');
  return at + CHUNK_HEADER_BYTES + size;
}

function putChunk(bytes: Buffer, at: number, id: number, data: Buffer | null): number {
  if (data === null) return at;
  data.copy(bytes, putHeader(bytes, at, id, data.length));
  return at + CHUNK_HEADER_BYTES + data.length;
}
