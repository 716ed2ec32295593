/** Big-endian reads at an offset by shifts: two to four times faster than Buffer's own readers. No bounds checks: check once, then read. */

export function u16(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 8) | bytes[at + 1];
}

export function u24(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 16) | (bytes[at + 1] << 8) | bytes[at + 2];
}

/** Unsigned; use `i32` if a key is all that is needed: it stays a small integer. */
export function u32(bytes: Uint8Array, at: number): number {
  return ((bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]) >>> 0;
}

export function i32(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
}

export function u16le(bytes: Uint8Array, at: number): number {
  return bytes[at] | (bytes[at + 1] << 8);
}

export function u32le(bytes: Uint8Array, at: number): number {
  return (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)) >>> 0;
}

export function putU16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value;
}

export function putU32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

/** Text of ASCII characters without NUL, as nearly all is. False if it is other: then what it wrote must be overwritten. No bounds checks. */
export function putPlainText(bytes: Uint8Array, at: number, value: string): boolean {
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i);
    if ((code - 1) >>> 0 >= 0x7f) return false;
    bytes[at + i] = code;
  }
  return true;
}

/**
 * A copy for something that is kept. It has memory of its own: Buffer.from takes small ones out of a pool of 8 KiB, all of which
 * stays in memory as long as one of them does.
 */
export function ownCopy(bytes: Buffer, from = 0, to = bytes.length): Buffer<ArrayBuffer> {
  const copy = Buffer.allocUnsafeSlow(to - from);
  bytes.copy(copy, 0, from, to);
  return copy;
}

const NO_BYTES = Buffer.alloc(0);
const MIN_BYTES = 2048;

/** Bytes gathered piece by piece. Memory grows with the bytes received, never with the length a header declares. */
export class GrowingBuffer {
  bytes: Buffer = NO_BYTES;
  length = 0;

  /** `expected`: the length when complete, 0 if unknown. */
  append(bytes: Buffer, from: number, to: number, expected = 0): void {
    const length = this.length + to - from;
    if (this.bytes.length < length) {
      const room = Math.max(MIN_BYTES, length * 2);
      const larger = Buffer.allocUnsafeSlow(expected >= length ? Math.min(room, expected) : room);
      this.bytes.copy(larger, 0, 0, this.length);
      this.bytes = larger;
    }
    bytes.copy(this.bytes, this.length, from, to);
    this.length = length;
  }

  /** The gathered bytes; the buffer is empty afterwards and never writes to them again. */
  take(length = this.length): Buffer {
    const taken = this.bytes.subarray(0, length);
    this.bytes = NO_BYTES;
    this.length = 0;
    return taken;
  }
}
