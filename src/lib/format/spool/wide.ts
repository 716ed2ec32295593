/** Whole numbers up to 2^53 in eight bytes, big-endian: record numbers and microseconds. */
import { putU32, u32 } from '../../base/index.js';

const HIGH_WORD = 4_294_967_296;

export function putWide(bytes: Uint8Array, at: number, value: number): void {
  putU32(bytes, at, Math.floor(value / HIGH_WORD));
  putU32(bytes, at + 4, value % HIGH_WORD);
}

export function wide(bytes: Uint8Array, at: number): number {
  return u32(bytes, at) * HIGH_WORD + u32(bytes, at + 4);
}
