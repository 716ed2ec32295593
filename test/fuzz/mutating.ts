/** One input out of others: bytes flipped, cut, moved, repeated, taken from another input, numbers at their limits, digits changed. */
import type { Next } from './streams.js';

const MAX_BYTES = 4096;
const BYTES = [0, 1, 9, 0x0a, 0x0d, 0x20, 0x22, 0x27, 0x2c, 0x3a, 0x3b, 0x3c, 0x5b, 0x5c, 0x7b, 0x7d, 0x7f, 0x80, 0xfe, 0xff];
const NUMBERS = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff];
const TEXTS = [
  '0',
  '-1',
  '65536',
  '4294967296',
  '1e309',
  '\r\n',
  '\r\n\r\n',
  '""',
  '\\',
  '%',
  '$',
  '(',
  ')',
  '[',
  ']',
  '{',
  '}',
  '//',
  '/*',
  '\u{1F4DE}',
  'null',
];

export function mutated(inputs: readonly Buffer[], next: Next): Buffer {
  let bytes = Buffer.from(inputs[next(inputs.length)]);
  for (let times = 1 + next(next(3) === 0 ? 8 : 3); times > 0; times--) bytes = step(bytes, inputs, next);
  return bytes.length > MAX_BYTES ? bytes.subarray(0, MAX_BYTES) : bytes;
}

function step(bytes: Buffer<ArrayBuffer>, inputs: readonly Buffer[], next: Next): Buffer<ArrayBuffer> {
  const at = next(bytes.length + 1);
  const length = Math.min(bytes.length - at, 1 + next(next(4) === 0 ? 200 : 8));
  switch (next(10)) {
    case 0:
      return bytes.subarray(0, at);
    case 1:
      return spliced(bytes, at, length, Buffer.alloc(0));
    case 2:
      return spliced(bytes, next(bytes.length + 1), 0, bytes.subarray(at, at + length));
    case 3: {
      const other = inputs[next(inputs.length)];
      const from = next(other.length + 1);
      return spliced(bytes, at, length, other.subarray(from, from + 1 + next(64)));
    }
    case 4:
      return spliced(bytes, at, next(2) === 0 ? length : 0, Buffer.from(TEXTS[next(TEXTS.length)]));
    case 5:
      return spliced(bytes, at, 0, Buffer.alloc(1 + next(next(8) === 0 ? 1000 : 16), BYTES[next(BYTES.length)]));
    case 6:
      return number(bytes, at, next);
    case 7:
      if (at < bytes.length) bytes[at] ^= 1 << next(8);
      return bytes;
    default:
      if (at < bytes.length) bytes[at] = next(2) === 0 ? next(256) : BYTES[next(BYTES.length)];
      return bytes;
  }
}

function spliced(bytes: Buffer, at: number, length: number, instead: Buffer): Buffer<ArrayBuffer> {
  return Buffer.concat([bytes.subarray(0, at), instead, bytes.subarray(at + length)]);
}

/** A number of one, two or four bytes in either order: a limit, or a little more or less than it was. */
function number(bytes: Buffer<ArrayBuffer>, at: number, next: Next): Buffer<ArrayBuffer> {
  const width = [1, 2, 4][next(3)];
  if (at + width > bytes.length) return bytes;
  const isBig = next(2) === 0;
  const old = isBig ? bytes.readUIntBE(at, width) : bytes.readUIntLE(at, width);
  const value = (next(2) === 0 ? NUMBERS[next(NUMBERS.length)] : old + next(33) - 16 + 2 ** 32) % 2 ** (8 * width);
  if (isBig) bytes.writeUIntBE(value, at, width);
  else bytes.writeUIntLE(value, at, width);
  return bytes;
}
