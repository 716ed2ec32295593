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

/** The chunks of a version 3 packet; bytes beyond its total length are ignored. */
export function listChunks(packet: Buffer): Chunk[] | Fault {
  if (packet.length < PACKET_HEADER_BYTES) return fault('too_short', 'hep3', 0, PACKET_HEADER_BYTES, packet.length);
  const end = u16(packet, 4);
  if (end < PACKET_HEADER_BYTES) return fault('bad_length', 'hep3', 4);
  if (end > packet.length) return fault('truncated', 'hep3', 0, end, packet.length);
  const chunks: Chunk[] = [];
  let at = PACKET_HEADER_BYTES;
  while (at < end) {
    if (end - at < CHUNK_HEADER_BYTES) return fault('bad_chunk_len', 'hep3 chunk', at, CHUNK_HEADER_BYTES, end - at);
    const length = u16(packet, at + 4);
    if (length < CHUNK_HEADER_BYTES || at + length > end) {
      const isCutPayload = at + length > end && u32(packet, at) === CHUNK.payload && end - at > CHUNK_HEADER_BYTES;
      if (!isCutPayload) return fault('bad_chunk_len', 'hep3 chunk', at, length, end - at);
      // As the decoder does: the captured part of a payload that runs past the packet; it is written with its true length.
      chunks.push(chunkOf(0, CHUNK.payload, packet.subarray(at + CHUNK_HEADER_BYTES, end)));
      return chunks;
    }
    chunks.push({ vendor: u16(packet, at), id: u16(packet, at + 2), bytes: packet, from: at + CHUNK_HEADER_BYTES, to: at + length });
    at += length;
  }
  return chunks;
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
