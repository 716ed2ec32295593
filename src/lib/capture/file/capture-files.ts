/**
 * Capture files as one stream of frames in time order: calls and fragments may cross the files of a
 * rotated set. A file is opened when its first record is due, so that a thousand files need
 * few descriptors; within a file records keep their order.
 */
import type { Readable } from 'node:stream';
import { RoomWait, streamOfDigest, type Deliver, type Frame, type Gate, type Log, type Source } from '../../base/index.js';
import { type ByteSource } from './byte-source.js';
import { openFile, openNamedPipe, openStream } from './open-bytes.js';
import { FileCursor, type CursorPosition } from './cursor.js';
import { entryOf, type Entry, type FileEnd } from './entry.js';
import { expandNames } from './names.js';
import { openProblem } from './open-problem.js';
import { OpenFiles } from './open-files.js';
import { withoutCopies } from './same-content.js';
import { relationsTo, type Relation, type StoredPosition } from './stored-position.js';

export interface CaptureFilesOptions {
  stdin: Readable;
  log: Log;
  /** Keep digests, so that positions can be stored. */
  digests: boolean;
}

export class CaptureFiles implements Source<Frame> {
  private running: Promise<void> = Promise.resolve();
  private readonly room = new RoomWait();

  private constructor(
    private readonly entries: readonly Entry[],
    private readonly options: CaptureFilesOptions,
  ) {}

  /** Looks at the beginning of every file; one that cannot be opened or is not a capture is reported at the end. */
  static async open(names: readonly string[], options: CaptureFilesOptions): Promise<CaptureFiles> {
    const entries: Entry[] = [];
    for (const path of await expandNames(names, options.log)) entries.push(await entryOf(path));
    const unique = await withoutCopies(entries, options.log);
    return new CaptureFiles(
      unique.sort((a, b) => a.firstAt - b.firstAt),
      options,
    );
  }

  /** The files in the order of their first record; an index in this list is a frame's `sourceIndex`. */
  get names(): string[] {
    return this.entries.map((entry) => entry.name);
  }

  /** Digest through each file's first record; '' for standard input, pipes and files without a record. */
  get heads(): string[] {
    return this.entries.map((entry) => entry.head);
  }

  /** The stream that each file's messages belong to: a grown file continues it; input that is read once has a random one. */
  get streams(): bigint[] {
    return this.entries.map((entry) => streamOfDigest(entry.head));
  }

  /** How the file relates to each of these stored positions with its head. */
  async relations(index: number, candidates: readonly StoredPosition[]): Promise<Relation[]> {
    return candidates.length === 0 ? [] : relationsTo(this.entries[index].name, candidates);
  }

  start(deliver: Deliver<Frame>, gate: Gate): Promise<void> {
    this.running = this.read(deliver, gate).finally(() => this.closeAll());
    return this.running;
  }

  async stop(): Promise<void> {
    this.room.stop();
    for (const { cursor } of this.entries) cursor?.abort();
    await this.running;
  }

  positionOf(index: number): CursorPosition {
    const { cursor, lastPosition } = this.entries[index];
    return cursor === null ? lastPosition : cursor.position();
  }

  ends(): FileEnd[] {
    return this.entries.map((entry) => (entry.cursor === null ? entry.end : endOf(entry.name, entry.cursor)));
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
    const open = new OpenFiles();
    let next = 0;
    while (!this.room.stopped) {
      while (!this.room.stopped && next < this.entries.length && this.entries[next].firstAt <= open.time) {
        const entry = this.entries[next++];
        if (!entry.done && (await this.begin(entry))) open.add(entry);
      }
      const entry = open.first;
      if (entry === null) break;
      const due = next < this.entries.length ? this.entries[next].firstAt : Infinity;
      if (!(await this.deliverFrom(entry, open, due, deliver, gate))) {
        open.removeFirst();
        await this.finish(entry);
      }
    }
  }

  private async closeAll(): Promise<void> {
    for (const { cursor } of this.entries) await cursor?.close();
  }

  /** Delivers while this file's records are next; false at its end. */
  private async deliverFrom(entry: Entry, open: OpenFiles, due: number, deliver: Deliver<Frame>, gate: Gate): Promise<boolean> {
    const cursor = entry.cursor!;
    for (;;) {
      cursor.take();
      const room = deliver(cursor.frame);
      if (!room) await this.room.at(gate);
      if (this.room.stopped) return true;
      if (!cursor.advance() && !(await cursor.fetchRecord())) return false;
      if (open.reorder() || cursor.frame.capturedAt >= due || this.room.stopped) return true;
    }
  }

  /** Opens a file and reads its first record. */
  private async begin(entry: Entry): Promise<boolean> {
    let source: ByteSource;
    try {
      source = await this.openEntry(entry);
    } catch (error) {
      entry.end.problem = openProblem(error as NodeJS.ErrnoException);
      return false;
    }
    entry.cursor = new FileCursor(source, this.entries.indexOf(entry), this.options.digests && entry.kind === 'file');
    if (!this.room.stopped && (await entry.cursor.fetchRecord())) return true;
    await this.finish(entry);
    return false;
  }

  private async openEntry({ name, kind }: Entry): Promise<ByteSource> {
    switch (kind) {
      case 'input':
        return openStream(this.options.stdin);
      case 'pipe':
        return openNamedPipe(name);
      case 'file':
        return openFile(name);
    }
  }

  private async finish(entry: Entry): Promise<void> {
    const cursor = entry.cursor!;
    entry.end = endOf(entry.name, cursor);
    entry.lastPosition = cursor.position();
    entry.bytesRead = cursor.bytesRead;
    entry.cursor = null;
    await cursor.close();
  }
}

function endOf(name: string, cursor: FileCursor): FileEnd {
  return { name, packets: cursor.framesTaken, bytes: cursor.length, problem: cursor.problem() };
}
