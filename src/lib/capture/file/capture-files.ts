/**
 * Capture files as one stream of frames in time order: calls and fragments may cross the files of a
 * rotated set. A file is opened when its first record's time has come, so that a thousand of them need
 * few descriptors; inside a file records keep their order.
 */
import { stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import type { Deliver, Frame, Gate, Log, Source } from '../../base/index.js';
import { openPath, openStream } from './byte-source.js';
import { FileCursor, type CursorPosition } from './cursor.js';
import { RunningDigest } from './digest.js';
import { STANDARD_INPUT, expandNames } from './names.js';
import { peek, samePrefix, type Peeked } from './peek.js';

export interface CaptureFilesOptions {
  stdin: Readable;
  log: Log;
  /** Keep digests, so that positions can be told. */
  digests: boolean;
}

export interface FileEnd {
  name: string;
  packets: number;
  bytes: number;
  problem: string;
}

interface Entry {
  name: string;
  firstAt: number;
  head: string;
  cursor: FileCursor | null;
  end: FileEnd;
  lastPosition: CursorPosition;
  bytesOnDisk: number;
  bytesRead: number;
  done: boolean;
}

export class CaptureFiles implements Source<Frame> {
  private stopped = false;
  private running: Promise<void> = Promise.resolve();

  private constructor(private readonly entries: Entry[], private readonly options: CaptureFilesOptions) {}

  /** Looks at the beginning of every file; one that cannot be opened or is no capture is told of at the end. */
  static async open(names: readonly string[], options: CaptureFilesOptions): Promise<CaptureFiles> {
    const paths = await expandNames(names, options.log);
    const entries: Entry[] = [];
    for (const path of paths) entries.push(await entryOf(path));
    const unique = await withoutCopies(entries, options.log);
    return new CaptureFiles(unique.sort((a, b) => a.firstAt - b.firstAt), options);
  }

  /** The files in the order of their first record; an index in this list is a frame's `sourceIndex`. */
  get names(): string[] {
    return this.entries.map((entry) => entry.name);
  }

  /** Digest through each file's first record: '' for standard input and files without a record. */
  get heads(): string[] {
    return this.entries.map((entry) => entry.head);
  }

  /** Of stored positions with this file's head: which one's digest agrees at its byte, the farthest first; -1 for none. */
  async matching(index: number, candidates: readonly { bytes: number; digest: string }[]): Promise<number> {
    const order = candidates.map((candidate, at) => ({ ...candidate, at })).sort((a, b) => a.bytes - b.bytes);
    const source = await openPath(this.entries[index].name);
    const digest = new RunningDigest();
    let length = 0;
    let best = -1;
    let next = 0;
    while (next < order.length) {
      const chunk = await source.next();
      if (chunk === null) break;
      length += chunk.length;
      digest.push(chunk);
      while (next < order.length && order[next].bytes <= length) {
        digest.advance(order[next].bytes);
        if (digest.hex() === order[next].digest) best = order[next].at;
        next++;
      }
      digest.advance(next < order.length ? Math.min(length, order[next].bytes) : 0);
    }
    await source.close();
    return best;
  }

  start(deliver: Deliver<Frame>, gate: Gate): Promise<void> {
    this.running = this.read(deliver, gate);
    return this.running;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.running;
  }

  positionOf(index: number): CursorPosition {
    const { cursor, lastPosition } = this.entries[index];
    return cursor === null ? lastPosition : cursor.position();
  }

  ends(): FileEnd[] {
    return this.entries.map(({ cursor, end }) => (cursor === null ? end : { ...end, packets: cursor.framesTaken, bytes: cursor.length }));
  }

  progress(): { bytesRead: number; bytesTotal: number } {
    let bytesRead = 0;
    let bytesTotal = 0;
    for (const entry of this.entries) {
      bytesRead += entry.cursor?.bytesRead ?? entry.bytesRead;
      bytesTotal += entry.bytesOnDisk;
    }
    return { bytesRead, bytesTotal };
  }

  private async read(deliver: Deliver<Frame>, gate: Gate): Promise<void> {
    const waiting = this.entries.filter((entry) => !entry.done);
    /** Open files whose next record is read, earliest first. */
    let heads: Entry[] = [];
    while (!this.stopped && (heads.length > 0 || waiting.length > 0)) {
      while (waiting.length > 0 && (heads.length === 0 || waiting[0].firstAt <= heads[0].cursor!.frame.capturedAt)) {
        const entry = waiting.shift()!;
        if (await this.begin(entry)) heads = inserted(heads, entry);
      }
      if (heads.length === 0) continue;
      const entry = heads.shift()!;
      const limit = Math.min(heads[0]?.cursor!.frame.capturedAt ?? Infinity, waiting[0]?.firstAt ?? Infinity);
      if (await this.deliverThrough(entry, limit, deliver, gate)) heads = inserted(heads, entry);
    }
    for (const entry of heads) await this.finish(entry);
  }

  /** Delivers this file's records up to the time at which another file is due; false at its end. */
  private async deliverThrough(entry: Entry, limit: number, deliver: Deliver<Frame>, gate: Gate): Promise<boolean> {
    const cursor = entry.cursor!;
    for (;;) {
      cursor.take();
      if (!deliver(cursor.frame)) await gate.ready();
      if (this.stopped) return true;
      if (!cursor.advance() && !(await this.fetchRecord(cursor))) {
        await this.finish(entry);
        return false;
      }
      if (this.stopped || cursor.frame.capturedAt > limit) return true;
    }
  }

  private async fetchRecord(cursor: FileCursor): Promise<boolean> {
    while (await cursor.fetch()) if (cursor.advance()) return true;
    return false;
  }

  private async begin(entry: Entry): Promise<boolean> {
    const index = this.entries.indexOf(entry);
    try {
      const fromInput = entry.name === STANDARD_INPUT;
      const source = fromInput ? await openStream(this.options.stdin) : await openPath(entry.name);
      entry.cursor = new FileCursor(source, index, this.options.digests && !fromInput);
    } catch (error) {
      entry.end.problem = openProblem(error as NodeJS.ErrnoException);
      entry.done = true;
      return false;
    }
    if (await this.fetchRecord(entry.cursor)) return true;
    await this.finish(entry);
    return false;
  }

  private async finish(entry: Entry): Promise<void> {
    const cursor = entry.cursor!;
    entry.end = { name: entry.name, packets: cursor.framesTaken, bytes: cursor.length, problem: cursor.problem() };
    entry.lastPosition = cursor.position();
    entry.bytesRead = cursor.bytesRead;
    entry.cursor = null;
    entry.done = true;
    await cursor.close();
  }
}

/** Keeps the list ordered by the time of the next record; equal times keep the order of the files. */
function inserted(heads: Entry[], entry: Entry): Entry[] {
  const time = entry.cursor!.frame.capturedAt;
  const index = entry.cursor!.frame.sourceIndex;
  const at = heads.findIndex(({ cursor }) => cursor!.frame.capturedAt > time || (cursor!.frame.capturedAt === time && cursor!.frame.sourceIndex > index));
  heads.splice(at < 0 ? heads.length : at, 0, entry);
  return heads;
}

async function entryOf(path: string): Promise<Entry> {
  const entry: Entry = {
    name: path, firstAt: 0, head: '', cursor: null, end: { name: path, packets: 0, bytes: 0, problem: '' },
    lastPosition: { head: '', frame: 0, bytes: 0, digest: '' }, bytesOnDisk: 0, bytesRead: 0, done: false,
  };
  if (path === STANDARD_INPUT) return entry;
  try {
    const information = await stat(path);
    if (information.isFIFO()) return entry;
    entry.bytesOnDisk = information.size;
    const peeked: Peeked = await peek(path);
    entry.firstAt = peeked.firstAt;
    entry.head = peeked.head;
  } catch (error) {
    entry.end.problem = openProblem(error as NodeJS.ErrnoException);
    entry.done = true;
  }
  return entry;
}

function openProblem(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'ENOENT': return 'there is no such file';
    case 'EACCES': return 'permission denied';
    case 'EISDIR': return 'is a directory';
    default: return `cannot be read: ${error.message}`;
  }
}

/** Of files that begin alike, one that is wholly contained in another is read once. */
async function withoutCopies(entries: Entry[], log: Log): Promise<Entry[]> {
  const kept: Entry[] = [];
  for (const entry of entries) {
    const alike = entry.head === '' ? [] : kept.filter(({ head }) => head === entry.head);
    let copyOf = '';
    for (const other of alike) {
      const shorter = await samePrefix(other.name, entry.name);
      if (shorter === null) continue;
      if (shorter === entry.name) copyOf = other.name;
      else {
        log.warn(`${other.name} is the beginning of ${entry.name}: it is read once`);
        kept.splice(kept.indexOf(other), 1);
      }
      break;
    }
    if (copyOf === '') kept.push(entry);
    else log.warn(`${entry.name} has the content of ${copyOf}: it is read once`);
  }
  return kept;
}
