/** The beginning of a capture file: the time of its first record and the digest through it. */
import { openFile } from './open-bytes.js';
import { FileCursor } from './cursor.js';

export interface Peeked {
  /** Microseconds since 1970; 0 where there is no record. */
  firstAt: number;
  head: string;
}

const PEEK_BYTES = 65_536;

export async function peek(path: string): Promise<Peeked> {
  const cursor = new FileCursor(await openFile(path, PEEK_BYTES), 0, true);
  try {
    if (!(await cursor.fetchRecord())) return { firstAt: 0, head: '' };
    cursor.take();
    return { firstAt: cursor.frame.capturedAt, head: cursor.position().head };
  } finally {
    await cursor.close();
  }
}
