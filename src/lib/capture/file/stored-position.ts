/** Compares a file with stored positions: identity is content, so only digests decide, by one pass over the bytes. */
import { openFile } from './open-bytes.js';
import { RunningDigest } from './digest.js';
import { parseMarks } from './marks.js';

export interface StoredPosition {
  bytes: number;
  digest: string;
  /** Digests taken along the stored file; absent in positions of earlier versions. */
  marks?: string;
}

/** `same`: the file begins with what was read up to the position; `beginning`: the file ends before it and is its beginning. */
export type Relation = 'same' | 'beginning' | 'other';

interface Point {
  bytes: number;
  /** Digest or its first digits. */
  digest: string;
  at: number;
  isEnd: boolean;
}

/** How the file relates to each of these. */
export async function relationsTo(path: string, candidates: readonly StoredPosition[]): Promise<Relation[]> {
  const relations = candidates.map((): Relation => 'other');
  const agreeing = candidates.map(() => 0);
  const points = pointsOf(candidates);
  const source = await openFile(path);
  const running = new RunningDigest();
  let length = 0;
  let next = 0;
  const differs = new Set<number>();
  try {
    while (next < points.length) {
      const chunk = await source.next();
      if (chunk === null) break;
      length += chunk.length;
      running.push(chunk);
      for (; next < points.length && points[next].bytes <= length; next++) {
        const { bytes, digest, at, isEnd } = points[next];
        running.advance(bytes);
        const agrees = running.hex().startsWith(digest);
        if (isEnd) relations[at] = agrees ? 'same' : 'other';
        else if (agrees) agreeing[at]++;
        else differs.add(at);
      }
      if (next < points.length) running.advance(length);
    }
  } finally {
    await source.close();
  }
  candidates.forEach(({ bytes }, at) => {
    if (bytes > length && agreeing[at] > 0 && !differs.has(at)) relations[at] = 'beginning';
  });
  return relations;
}

function pointsOf(candidates: readonly StoredPosition[]): Point[] {
  const points = candidates.flatMap(({ bytes, digest, marks = '' }, at) => [
    { bytes, digest, at, isEnd: true },
    ...parseMarks(marks).map((mark) => ({ ...mark, at, isEnd: false })),
  ]);
  return points.sort((a, b) => a.bytes - b.bytes);
}
