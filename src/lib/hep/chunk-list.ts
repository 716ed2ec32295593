/**
 * A packet as a list of its chunks, in wire order. HEP3: vendor 2, type 2, length 2 (including these six bytes), data.
 * Versions 1 and 2 are read as the chunks that version 3 would have for their header.
 */
import { PAYLOAD_SIP, fault, isFault, putU32, u16, u16le, u32, u32le, type Fault } from '../base/index.js';
import { CHUNK, CHUNK_HEADER_BYTES, PACKET_HEADER_BYTES } from './chunks.js';
import { isLittleEndian, readHeader12 } from './header12.js';
import { payloadWithoutPadding } from './payload.js';

export interface Chunk {
  vendor: number;
  id: number;
  /** The data is `bytes[from, to)`. */
  bytes: Buffer;
  from: number;
  to: number;
}

/** A chunk that owns its data. */
export function chunkOf(vendor: number, id: number, data: Buffer): Chunk {
  return { vendor, id, bytes: data, from: 0, to: data.length };
}

/**
 * The chunks of a version 3 packet; bytes beyond its total length are ignored. As the decoder does, it takes what there is of a
 * plain payload that runs past the packet, and of a packet that is shorter than its total length.
 */
export function listChunks(packet: Buffer): Chunk[] | Fault {
  if (packet.length < PACKET_HEADER_BYTES) return fault('too_short', 'hep3', 0, PACKET_HEADER_BYTES, packet.length);
  const total = u16(packet, 4);
  if (total < PACKET_HEADER_BYTES) return fault('bad_length', 'hep3', 4);
  const isTruncated = total > packet.length;
  const end = isTruncated ? packet.length : total;
  const chunks: Chunk[] = [];
  for (let at = PACKET_HEADER_BYTES; at < end;) {
    const left = end - at;
    const length = left < CHUNK_HEADER_BYTES ? CHUNK_HEADER_BYTES : u16(packet, at + 4);
    if (length > left && left > CHUNK_HEADER_BYTES && u32(packet, at) === CHUNK.payload) {
      chunks.push(chunkOf(0, CHUNK.payload, packet.subarray(at + CHUNK_HEADER_BYTES, end)));
      return chunks;
    }
    if (length < CHUNK_HEADER_BYTES || length > left) {
      if (isTruncated) break;
      return fault('bad_chunk_len', 'hep3 chunk', at, length, left);
    }
    chunks.push({ vendor: u16(packet, at), id: u16(packet, at + 2), bytes: packet, from: at + CHUNK_HEADER_BYTES, to: at + length });
    at += length;
  }
  const hasPayload = chunks.some(({ vendor, id, from, to }) => vendor === 0 && isPayload(id) && to > from);
  return isTruncated && !hasPayload ? fault('truncated', 'hep3', 0, total, packet.length) : chunks;
}

function isPayload(id: number): boolean {
  return id === CHUNK.payload || id === CHUNK.compressedPayload;
}

/** The header and payload of a version 1 or 2 packet as chunks; version 1 has neither time nor capture id. */
export function listChunks12(packet: Buffer, receivedAt: number): Chunk[] | Fault {
  const header = readHeader12(packet, 0, packet.length);
  if (isFault(header)) return header;
  const { addressBytes, addressesAt, timeAt, payloadAt } = header;
  const isIpv4 = addressBytes === 4;
  const part = (id: number, from: number, to: number): Chunk => ({ vendor: 0, id, bytes: packet, from, to });
  const chunks = [
    part(CHUNK.family, 2, 3),
    part(CHUNK.protocol, 3, 4),
    part(isIpv4 ? CHUNK.source4 : CHUNK.source6, addressesAt, addressesAt + addressBytes),
    part(isIpv4 ? CHUNK.destination4 : CHUNK.destination6, addressesAt + addressBytes, addressesAt + addressBytes * 2),
    part(CHUNK.sourcePort, 4, 6),
    part(CHUNK.destinationPort, 6, 8),
  ];
  const little = timeAt >= 0 && isLittleEndian(packet, timeAt, receivedAt);
  if (timeAt >= 0) {
    chunks.push(
      chunkOf(0, CHUNK.seconds, uint32(little ? u32le(packet, timeAt) : u32(packet, timeAt))),
      chunkOf(0, CHUNK.micros, uint32(little ? u32le(packet, timeAt + 4) : u32(packet, timeAt + 4))),
    );
  }
  chunks.push(chunkOf(0, CHUNK.payloadType, Buffer.from([PAYLOAD_SIP])));
  if (timeAt >= 0) chunks.push(chunkOf(0, CHUNK.captureId, uint32(little ? u16le(packet, timeAt + 8) : u16(packet, timeAt + 8))));
  const payload = payloadWithoutPadding(packet.subarray(payloadAt));
  if (payload.length === 0) return fault('empty_payload', `hep${header.version}`, payloadAt);
  chunks.push(part(CHUNK.payload, payloadAt, payloadAt + payload.length));
  return chunks;
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  putU32(bytes, 0, value);
  return bytes;
}
