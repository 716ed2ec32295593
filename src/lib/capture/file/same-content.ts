/** A file that is a prefix of another is not read twice. */
import type { Log } from '../../base/index.js';
import { type ByteSource } from './byte-source.js';
import { openFile } from './open-bytes.js';

export interface KnownFile {
  readonly name: string;
  /** Digest through the first record, '' if there is none. */
  readonly head: string;
}

export async function withoutCopies<T extends KnownFile>(files: readonly T[], log: Log): Promise<T[]> {
  const kept: T[] = [];
  for (const file of files) {
    const relation = await relationToKept(file, kept);
    if (relation === null) kept.push(file);
    else if (relation.shorter === file) log.warn(`${file.name} has the content of ${relation.other.name}: it is read once`);
    else {
      log.warn(`${relation.other.name} is the beginning of ${file.name}: it is read once`);
      kept[kept.indexOf(relation.other)] = file;
    }
  }
  return kept;
}

/** No kept file is a prefix of another, so there is at most one. */
async function relationToKept<T extends KnownFile>(file: T, kept: readonly T[]): Promise<{ other: T; shorter: T } | null> {
  if (file.head === '') return null;
  for (const other of kept) {
    if (other.head !== file.head) continue;
    const shorter = await shorterOfPrefixes(other, file).catch(() => null);
    if (shorter !== null) return { other, shorter };
  }
  return null;
}

/** The shorter of two files when it is the beginning (or all) of the other, else null; the second where they are equal. */
async function shorterOfPrefixes<T extends KnownFile>(one: T, other: T): Promise<T | null> {
  const a = new Pull(await openFile(one.name));
  try {
    const b = new Pull(await openFile(other.name));
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
      await b.close();
    }
  } finally {
    await a.close();
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
