/** The identity chunk of sipcap (vendor 0x5343, type 0x0101): stream and sequence, 8 bytes each, big-endian. */
import { NO_STREAM, putU16, putU32, u32 } from '../base/index.js';
import { CHUNK_HEADER_BYTES, MAX_PACKET_BYTES } from './chunks.js';

/** Vendor and type as one number. */
export const IDENTITY_CHUNK = 0x53430101;
export const IDENTITY_BYTES = 16;
export const IDENTITY_CHUNK_BYTES = CHUNK_HEADER_BYTES + IDENTITY_BYTES;

const HALF = 0x100000000;
/** Sequences are safe integers: what is larger is none of ours. */
const MAX_HIGH = 0x1fffff;

/** Reads identities; packets of the same stream share its number. */
export class IdentityReader {
  /** Of the chunk read last; NO_STREAM and 0 if there is none. */
  stream = NO_STREAM;
  sequence = 0;
  private high = 0;
  private low = 0;
  private known = NO_STREAM;

  /** `at` is the chunk's first data byte, -1 if there is no chunk. True if it is an identity. */
  read(bytes: Buffer, at: number): boolean {
    this.stream = NO_STREAM;
    this.sequence = 0;
    if (at < 0) return false;
    const sequenceHigh = u32(bytes, at + 8);
    const sequence = sequenceHigh * HALF + u32(bytes, at + 12);
    if (sequenceHigh > MAX_HIGH || sequence === 0) return false;
    const high = u32(bytes, at);
    const low = u32(bytes, at + 4);
    if (high !== this.high || low !== this.low) {
      this.high = high;
      this.low = low;
      this.known = (BigInt(high) << 32n) | BigInt(low);
    }
    if (this.known === NO_STREAM) return false;
    this.stream = this.known;
    this.sequence = sequence;
    return true;
  }
}

/** Writes identity chunks. */
export class IdentityWriter {
  private stream = NO_STREAM;
  private high = 0;
  private low = 0;

  /** Returns the offset behind the chunk. */
  put(bytes: Buffer, at: number, stream: bigint, sequence: number): number {
    if (stream !== this.stream) {
      this.stream = stream;
      this.high = Number(stream >> 32n);
      this.low = Number(stream & 0xffffffffn);
    }
    const sequenceHigh = Math.floor(sequence / HALF);
    putU32(bytes, at, IDENTITY_CHUNK);
    putU16(bytes, at + 4, IDENTITY_CHUNK_BYTES);
    putU32(bytes, at + 6, this.high);
    putU32(bytes, at + 10, this.low);
    putU32(bytes, at + 14, sequenceHigh);
    putU32(bytes, at + 18, sequence - sequenceHigh * HALF);
    return at + IDENTITY_CHUNK_BYTES;
  }

  /** A version 3 packet with the chunk behind its other chunks, which keep their bytes; null if it would be too long. */
  appended(packet: Buffer, stream: bigint, sequence: number): Buffer | null {
    const total = packet.length + IDENTITY_CHUNK_BYTES;
    if (total > MAX_PACKET_BYTES) return null;
    const bytes = Buffer.allocUnsafe(total);
    packet.copy(bytes);
    putU16(bytes, 4, total);
    this.put(bytes, packet.length, stream, sequence);
    return bytes;
  }
}
