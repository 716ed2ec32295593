/** The streams of capture files in a database: known ones by their content, new ones under a free name. */
import { createHash, randomUUID } from 'node:crypto';
import type { Position } from '../../base/index.js';
import type { CaptureFiles } from '../../capture/file/index.js';
import type { Store } from '../../store/index.js';
import type { FilePosition } from './position-tracker.js';

/** Sets `sequences` for the streams that the database knows. */
export async function findFileStreams(
  store: Store,
  files: CaptureFiles,
  settings: string,
  again: boolean,
  sequences: Map<string, number>,
): Promise<FilePosition[]> {
  const key = createHash('sha256').update(settings).digest('hex').slice(0, 16);
  const positions: FilePosition[] = [];
  /** Streams of files of this run: two new ones that begin alike need one each. */
  const given: string[] = [];
  for (const [index, head] of files.heads.entries()) {
    if (head === '') {
      positions.push({ stream: `${randomUUID()}`, resume: null });
      continue;
    }
    const prefix = `file:${key}:${head.slice(0, 32)}:`;
    const known = await store.streams(prefix);
    const parsed = known.map(({ position }) => JSON.parse(position) as Position);
    const at = known.length === 0 ? -1 : await files.matching(index, parsed);
    // Another file that merely begins alike is another stream.
    const stream = at >= 0 ? known[at].stream : `${prefix}${freeNumber(prefix, [...known.map((state) => state.stream), ...given])}`;
    given.push(stream);
    if (at >= 0) sequences.set(stream, known[at].sequence);
    positions.push({ stream, resume: at >= 0 && !again ? parsed[at] : null });
  }
  return positions;
}

function freeNumber(prefix: string, known: readonly string[]): number {
  const taken = new Set(known.map((stream) => stream.slice(prefix.length)));
  let number = 1;
  while (taken.has(String(number))) number++;
  return number;
}
