/** What is known of one named file, before, while and after it is read. */
import { stat } from 'node:fs/promises';
import type { CursorPosition, FileCursor } from './cursor.js';
import { STANDARD_INPUT } from './names.js';
import { openProblem } from './open-problem.js';
import { peek } from './peek.js';

/** What came of a file. */
export interface FileEnd {
  name: string;
  packets: number;
  /** Bytes, decompressed. */
  bytes: number;
  /** '' where it was read through. */
  problem: string;
}

export interface Entry {
  readonly name: string;
  /** Time of the first record; 0 where it cannot be known before reading. */
  firstAt: number;
  /** Digest through the first record; '' where the file has no position. */
  head: string;
  kind: 'file' | 'pipe' | 'input';
  cursor: FileCursor | null;
  end: FileEnd;
  lastPosition: CursorPosition;
  bytesOnDisk: number;
  bytesRead: number;
  done: boolean;
}

/** Looks at the beginning of a file; one that cannot be opened is done already. */
export async function entryOf(name: string): Promise<Entry> {
  const entry: Entry = {
    name,
    firstAt: 0,
    head: '',
    kind: 'file',
    cursor: null,
    end: { name, packets: 0, bytes: 0, problem: '' },
    lastPosition: { head: '', frame: 0, bytes: 0, digest: '', marks: '' },
    bytesOnDisk: 0,
    bytesRead: 0,
    done: false,
  };
  if (name === STANDARD_INPUT) {
    entry.kind = 'input';
    return entry;
  }
  try {
    const information = await stat(name);
    if (information.isFIFO()) {
      entry.kind = 'pipe';
      return entry;
    }
    entry.bytesOnDisk = information.size;
    const { firstAt, head } = await peek(name);
    entry.firstAt = firstAt;
    entry.head = head;
  } catch (error) {
    entry.end.problem = openProblem(error as NodeJS.ErrnoException);
    entry.done = true;
  }
  return entry;
}
