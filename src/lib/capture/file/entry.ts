/** What is known of one named file, before, while and after it is read. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { CursorPosition, FileCursor } from './cursor.js';
import { STANDARD_INPUT } from './names.js';
import { openProblem } from './open-problem.js';
import { peek } from './peek.js';

/** The result of reading a file. */
export interface FileEnd {
  name: string;
  packets: number;
  /** Bytes, decompressed. */
  bytes: number;
  /** '' if it was read completely. */
  problem: string;
}

export interface Entry {
  readonly name: string;
  /** Time of the first record; 0 where it cannot be known before reading. */
  firstAt: number;
  /** Digest through the first record; '' if the file has no position. */
  head: string;
  kind: 'file' | 'pipe' | 'input';
  cursor: FileCursor | null;
  end: FileEnd;
  lastPosition: CursorPosition;
  bytesOnDisk: number;
  bytesRead: number;
  done: boolean;
}

/** Reads the beginning of a file; one that cannot be opened is finished already. */
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
    if (information.isDirectory()) throw Object.assign(new Error('is a folder'), { code: 'EISDIR' });
    entry.bytesOnDisk = information.size;
    const { firstAt, head } = await peek(name);
    entry.firstAt = firstAt;
    entry.head = head;
  } catch (error) {
    entry.end.problem = openProblem(error as NodeJS.ErrnoException) + (await filesIn(name, error as NodeJS.ErrnoException));
    entry.done = true;
  }
  return entry;
}

/** Names of capture files as they are usual. */
const CAPTURE_NAME = /\.(?:pcap|pcapng|cap|hep)(?:\d+|\.gz|\.zst)*$/i;
const SHOWN_FILES = 3;

/** Of a folder, what to write instead: its capture files. */
async function filesIn(folder: string, { code }: NodeJS.ErrnoException): Promise<string> {
  if (code !== 'EISDIR') return '';
  const names = (await readdir(folder).catch(() => [])).filter((name) => CAPTURE_NAME.test(name)).sort();
  if (names.length === 0) return ' without capture files';
  const shown = names.slice(0, SHOWN_FILES).map((name) => join(folder, name));
  return ` with ${names.length} capture ${names.length === 1 ? 'file' : 'files'}: name ${names.length > SHOWN_FILES ? `them, '${join(folder, '*')}'` : shown.join(' ')}`;
}
