/** The beginning of a capture file: the time of its first record and the digest through it. */
import type { Buffer } from 'node:buffer';
import { openPath, type ByteSource } from './byte-source.js';
import { FileCursor } from './cursor.js';

export interface Peeked {
  /** Microseconds since 1970; 0 where there is no record. */
  firstAt: number;
  head: string;
}

const PEEK_BYTES = 65_536;

export async function peek(path: string): Promise<Peeked> {
  const cursor = new FileCursor(await openPath(path, PEEK_BYTES), 0, true);
  try {
    while (await cursor.fetch()) {
      if (!cursor.advance()) continue;
      cursor.take();
      return { firstAt: cursor.frame.capturedAt, head: cursor.position().head };
    }
    return { firstAt: 0, head: '' };
  } finally {
    await cursor.close();
  }
}

/** The path of the shorter of two files when it is the beginning (or all) of the other, else null. */
export async function samePrefix(one: string, other: string): Promise<string | null> {
  const a = new Pull(await openPath(one));
  const b = new Pull(await openPath(other));
  try {
    for (;;) {
      const pieceOfA = await a.peek();
      const pieceOfB = await b.peek();
      if (pieceOfB === null) return other;
      if (pieceOfA === null) return one;
      const length = Math.min(pieceOfA.length, pieceOfB.length);
      if (!pieceOfA.subarray(0, length).equals(pieceOfB.subarray(0, length))) return null;
      a.skip(length);
      b.skip(length);
    }
  } finally {
    await a.close();
    await b.close();
  }
}

class Pull {
  private chunk: Buffer | null = null;

  constructor(private readonly source: ByteSource) {}

  async peek(): Promise<Buffer | null> {
    if (this.chunk === null || this.chunk.length === 0) this.chunk = await this.source.next();
    return this.chunk;
  }

  skip(length: number): void {
    this.chunk = this.chunk!.subarray(length);
  }

  close(): Promise<void> {
    return this.source.close();
  }
}
