/** Finds a file's stored position again: identity is content, so only digests decide, by one pass over the bytes. */
import { openFile } from './open-bytes.js';
import { RunningDigest } from './digest.js';

export interface StoredPosition {
  bytes: number;
  digest: string;
}

/** Index of the candidate with the most bytes whose digest is the file's at exactly that byte; -1 for none. */
export async function farthestMatch(path: string, candidates: readonly StoredPosition[]): Promise<number> {
  const order = candidates.map(({ bytes, digest }, at) => ({ bytes, digest, at })).sort((a, b) => a.bytes - b.bytes);
  const source = await openFile(path);
  const running = new RunningDigest();
  let length = 0;
  let best = -1;
  let next = 0;
  try {
    while (next < order.length) {
      const chunk = await source.next();
      if (chunk === null) break;
      length += chunk.length;
      running.push(chunk);
      for (; next < order.length && order[next].bytes <= length; next++) {
        running.advance(order[next].bytes);
        if (running.hex() === order[next].digest) best = order[next].at;
      }
      if (next < order.length) running.advance(length);
    }
    return best;
  } finally {
    await source.close();
  }
}
