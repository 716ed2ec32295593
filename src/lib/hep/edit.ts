/**
 * One HEP3 packet (rev. 37), read and changed chunk by chunk. Untouched chunks keep their bytes and place; lengths are
 * computed when the packet is written. The rules are those of hep_set, hep_get and hep_del (OpenSIPS sipcapture).
 */
import { gzipSync } from 'node:zlib';
import { Counters, FAMILY_IPV4, FAMILY_IPV6, fault, isFault, putU16, u32, type Fault } from '../base/index.js';
import { CHUNK, CHUNK_HEADER_BYTES, MAX_PACKET_BYTES, PACKET_HEADER_BYTES } from './chunks.js';
import { chunkOf, listChunks, listChunks12, uint32, type Chunk } from './chunk-list.js';
import { ANY_VENDOR, vendorForNew, type ChunkName } from './chunk-name.js';
import type { ChunkAssignment } from './chunk-assignment.js';
import { microsecondsOf, plausibleTime } from './time.js';
import { MAX_DECOMPRESSED_BYTES, decompressPayload } from './decompress.js';
import { VENDOR_SIPCAP } from './vendors.js';

const MAGIC = Buffer.from('HEP3', 'latin1');
const DEFAULT_CAPTURE_ID = 1;
const IDENTITY_ID = 0x0101;

export class EditablePacket {
  private changed: boolean;

  private constructor(
    private readonly original: Buffer,
    private isVersion: number,
    private readonly chunks: Chunk[],
    private readonly maxDecompressedBytes: number,
  ) {
    // A truncated packet is written with its true lengths.
    this.changed = isVersion === 3 && original.readUInt16BE(4) > original.length;
  }

  /** A packet of any version; `receivedAt` (microseconds since 1970) resolves the byte order of version 2. */
  static read(packet: Buffer, receivedAt: number, maxDecompressedBytes = MAX_DECOMPRESSED_BYTES): EditablePacket | Fault {
    const first = packet[0];
    const isOld = first === 1 || first === 2;
    if (
      !isOld &&
      !(packet.length >= 4 && (first === 0x48 || first === 0x45) && packet[1] === 0x45 && packet[2] === 0x50 && packet[3] === 0x33)
    )
      return fault('not_hep', 'hep');
    const chunks = isOld ? listChunks12(packet, receivedAt) : listChunks(packet);
    return isFault(chunks) ? chunks : new EditablePacket(packet, isOld ? first : 3, chunks, maxDecompressedBytes);
  }

  /** 1, 2 or 3; versions 1 and 2 are read-only until `upgrade`. */
  get version(): number {
    return this.isVersion;
  }

  /** All chunks in packet order. */
  list(): readonly Chunk[] {
    return this.chunks;
  }

  /** The last one of a built-in chunk, the first one of any other; null if the packet has none. */
  find(name: ChunkName): Chunk | null {
    const at = this.indexOf(name);
    return at < 0 ? null : this.chunks[at];
  }

  /** As `find`, but a compressed payload is returned decompressed. */
  get(name: ChunkName): Chunk | Fault | null {
    const chunk = this.find(name);
    if (chunk === null || name.means !== 'payload' || chunk.id !== CHUNK.compressedPayload) return chunk;
    const plain = decompressPayload(chunk.bytes, chunk.from, chunk.to, this.maxDecompressedBytes);
    return isFault(plain) ? plain : chunkOf(0, CHUNK.payload, plain);
  }

  set(assignment: ChunkAssignment): void {
    if (this.isVersion !== 3) throw new Error(`a version ${this.isVersion} packet was set without upgrade`);
    this.changed = true;
    const { name, data } = assignment;
    // Another message must not pass for the one that got the identity.
    this.dropIdentity();
    if (name.means === 'source' || name.means === 'destination') this.setAddress(name, data);
    else if (name.means === 'payload') this.setPayload(name, data);
    else
      this.put(
        this.indexOf(name.row?.vendor0Only === true ? { ...name, vendor: vendorForNew(name) } : name),
        vendorForNew(name),
        name.id,
        data,
      );
  }

  /** Removes all of a built-in chunk, the first of any other; false if the packet has none. */
  del(name: ChunkName): boolean {
    if (this.isVersion !== 3) throw new Error(`a version ${this.isVersion} packet was cut without upgrade`);
    let at = this.indexOf(name);
    if (at < 0) return false;
    this.changed = true;
    do this.chunks.splice(at, 1);
    while (isSingle(name) && (at = this.indexOf(name)) >= 0);
    return true;
  }

  /** Converts versions 1 and 2 to version 3: what their header lacks is filled in. */
  upgrade(receivedAt: number, captureId = DEFAULT_CAPTURE_ID): void {
    if (this.isVersion === 3) return;
    this.isVersion = 3;
    this.changed = true;
    const secondsAt = this.lastOf(CHUNK.seconds);
    if (secondsAt < 0) {
      this.chunks.splice(-1, 0, ...timeChunks(receivedAt), chunkOf(0, CHUNK.captureId, uint32(captureId)));
      return;
    }
    const seconds = this.chunks[secondsAt];
    const micros = this.chunks[secondsAt + 1];
    const corrected = timeOf(u32(seconds.bytes, seconds.from), u32(micros.bytes, micros.from), receivedAt);
    this.chunks.splice(secondsAt, 2, ...timeChunks(corrected));
  }

  /** The packet in its current state; unchanged, it keeps its original bytes. */
  packet(): Buffer | Fault {
    if (!this.changed) return this.isVersion === 3 ? this.original.subarray(0, this.original.readUInt16BE(4)) : this.original;
    let total = PACKET_HEADER_BYTES;
    for (const chunk of this.chunks) total += CHUNK_HEADER_BYTES + chunk.to - chunk.from;
    if (total > MAX_PACKET_BYTES) return fault('too_big', 'hep3', 0, total, MAX_PACKET_BYTES);
    const bytes = Buffer.allocUnsafe(total);
    (this.original[0] === 0x45 ? this.original : MAGIC).copy(bytes, 0, 0, MAGIC.length);
    putU16(bytes, 4, total);
    let at = PACKET_HEADER_BYTES;
    for (let i = 0; i < this.chunks.length;) {
      const past = this.rowFrom(i);
      if (past > i) at += this.original.copy(bytes, at, this.chunks[i].from - CHUNK_HEADER_BYTES, this.chunks[past - 1].to);
      else at = putChunk(bytes, at, this.chunks[i]);
      i = Math.max(past, i + 1);
    }
    return bytes;
  }

  /** One past the last chunk from `i` on that is still contiguous in the original, headers included: they are copied at once. */
  private rowFrom(i: number): number {
    if (this.original[0] <= 2) return i;
    let past = i;
    while (
      past < this.chunks.length &&
      this.chunks[past].bytes === this.original &&
      (past === i || this.chunks[past].from - CHUNK_HEADER_BYTES === this.chunks[past - 1].to)
    )
      past++;
    return past;
  }

  /** The family follows the address; the same side's chunk of the other family is removed. */
  private setAddress(name: ChunkName, data: Buffer): void {
    const [id4, id6] = sideOf(name);
    const id = data.length === 4 ? id4 : id6;
    const at = this.indexOf(name);
    this.put(at, 0, id, data);
    const kept = at < 0 ? this.chunks.length - 1 : at;
    for (let i = this.chunks.length - 1; i >= 0; i--) {
      const chunk = this.chunks[i];
      if (i !== kept && chunk.vendor === 0 && (chunk.id === id4 || chunk.id === id6)) this.chunks.splice(i, 1);
    }
    const family = data.length === 4 ? FAMILY_IPV4 : FAMILY_IPV6;
    const familyAt = this.lastOf(CHUNK.family);
    if (familyAt >= 0 && this.familyNow() === family) return;
    if (familyAt >= 0) this.put(familyAt, 0, CHUNK.family, Buffer.from([family]));
    else this.chunks.unshift(chunkOf(0, CHUNK.family, Buffer.from([family])));
  }

  /** The payload keeps its chunk id: under the compressed one it is compressed. */
  private setPayload(name: ChunkName, data: Buffer): void {
    const at = this.indexOf(name);
    const isCompressed = at >= 0 && this.chunks[at].id === CHUNK.compressedPayload;
    this.put(at, 0, isCompressed ? CHUNK.compressedPayload : CHUNK.payload, isCompressed ? gzipSync(data) : data);
  }

  private dropIdentity(): void {
    for (let i = this.chunks.length - 1; i >= 0; i--)
      if (this.chunks[i].vendor === VENDOR_SIPCAP && this.chunks[i].id === IDENTITY_ID) this.chunks.splice(i, 1);
  }

  private put(at: number, vendor: number, id: number, data: Buffer): void {
    if (at < 0) this.chunks.push(chunkOf(vendor, id, data));
    else this.chunks[at] = chunkOf(this.chunks[at].vendor, id, data);
  }

  private indexOf(name: ChunkName): number {
    if (name.means === 'payload') return Math.max(this.lastOf(CHUNK.payload), this.lastOf(CHUNK.compressedPayload));
    if (name.means !== 'chunk') {
      const [id4, id6] = sideOf(name);
      const at4 = this.lastOf(id4);
      const at6 = this.lastOf(id6);
      if (at4 < 0 || at6 < 0) return Math.max(at4, at6);
      return this.familyNow() === FAMILY_IPV6 ? at6 : at4;
    }
    if (isSingle(name)) return this.lastOf(name.id);
    return this.chunks.findIndex((chunk) => chunk.id === name.id && (name.vendor === ANY_VENDOR || chunk.vendor === name.vendor));
  }

  private lastOf(id: number): number {
    for (let i = this.chunks.length - 1; i >= 0; i--) if (this.chunks[i].id === id && this.chunks[i].vendor === 0) return i;
    return -1;
  }

  private familyNow(): number {
    const at = this.lastOf(CHUNK.family);
    const chunk = this.chunks[at];
    return at >= 0 && chunk.to > chunk.from ? chunk.bytes[chunk.from] : 0;
  }
}

function putChunk(bytes: Buffer, at: number, chunk: Chunk): number {
  const size = chunk.to - chunk.from;
  putU16(bytes, at, chunk.vendor);
  putU16(bytes, at + 2, chunk.id);
  putU16(bytes, at + 4, CHUNK_HEADER_BYTES + size);
  chunk.bytes.copy(bytes, at + CHUNK_HEADER_BYTES, chunk.from, chunk.to);
  return at + CHUNK_HEADER_BYTES + size;
}

function timeOf(seconds: number, micros: number, receivedAt: number): number {
  const isPlain = micros < 1_000_000 && plausibleTime(seconds, receivedAt);
  return isPlain ? seconds * 1e6 + micros : microsecondsOf(seconds, micros, receivedAt, new Counters());
}

function timeChunks(time: number): [Chunk, Chunk] {
  const seconds = Math.floor(time / 1e6);
  return [chunkOf(0, CHUNK.seconds, uint32(seconds)), chunkOf(0, CHUNK.micros, uint32(time - seconds * 1e6))];
}

/** Built-in chunks of vendor 0: one per packet. */
function isSingle(name: ChunkName): boolean {
  return name.vendor === 0 && name.row !== null && name.row.builtIn;
}

function sideOf(name: ChunkName): readonly [number, number] {
  return name.means === 'source' ? [CHUNK.source4, CHUNK.source6] : [CHUNK.destination4, CHUNK.destination6];
}
