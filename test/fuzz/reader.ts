/** A decoder or reader under test: what it reads is bytes, and whatever they are, it must return in time and without an exception. */
import type { Fuzzer } from './fuzzers.js';
import { mutated } from './mutating.js';
import type { Next } from './streams.js';

export interface Reader {
  readonly name: string;
  /** Good inputs: mutation begins with them. */
  seeds(): Buffer[];
  /** Throws if anything is wrong. */
  read(bytes: Buffer): void | Promise<void>;
  /** Closes what the cases left open, and checks what they left behind. */
  close?(): void | Promise<void>;
}

/** One damaged seed a case. */
export function fuzzerOf(reader: Reader): Fuzzer {
  let seeds: Buffer[] | null = null;
  return {
    name: `reading ${reader.name}`,
    share: 0.002,
    run(next) {
      seeds ??= reader.seeds();
      return reader.read(mutated(seeds, next));
    },
    close: () => reader.close?.(),
  };
}

/** A fuzzer whose random numbers are the bytes of its case, so that its cases can be mutated as inputs are. */
export function readerOf(fuzzer: Fuzzer): Reader {
  return {
    name: fuzzer.name,
    seeds: () =>
      Array.from({ length: 8 }, (_, i) => Buffer.from(Array.from({ length: 256 }, (_, at) => (at * (2 * i + 1) * 37 + i) & 255))),
    read: (bytes) => fuzzer.run(numbersIn(bytes)),
    close: () => fuzzer.close?.(),
  };
}

/** Two bytes a number; after the last byte they go on by themselves. */
function numbersIn(bytes: Buffer): Next {
  let at = 0;
  let state = 0x9e3779b9;
  return (below) => {
    if (at + 2 <= bytes.length) state = Math.imul(state ^ bytes.readUInt16LE(at), 0x85ebca6b);
    else state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 1;
    at += 2;
    return Math.floor((((state ^ (state >>> 13)) >>> 0) / 2 ** 32) * below);
  };
}
