/** The segment files of one spool, oldest first. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { segmentFileName, segmentNumberOf } from '../../format/spool/index.js';
import { deleteIfThere } from './delete-if-there.js';
import { SetAside } from './set-aside.js';
import type { SegmentWriter } from './segment-writer.js';

export interface Segment {
  firstRecord: number;
  path: string;
  /** Size of a segment that is complete; the writer knows it for the one being written. */
  bytes: number;
  /** The clock's `monotonic()` of the last write; negative if that was before this process. */
  newestAtMs: number;
  /** When a file found on the disk was changed last, milliseconds since 1970. */
  changedAtMs: number;
  writer: SegmentWriter | null;
  /** True if it holds content that was not understood: it is set aside instead of deleted. */
  damaged: boolean;
  /** Somebody removed the file. */
  removed: boolean;
}

/** The segments on disk; none if the directory does not exist. */
export function listSegments(directory: string): Segment[] {
  let names: string[];
  try {
    names = readdirSync(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  const segments: Segment[] = [];
  for (const name of names) {
    const firstRecord = segmentNumberOf(name);
    if (firstRecord < 0) continue;
    const path = join(directory, name);
    const status = statSync(path, { throwIfNoEntry: false });
    if (status === undefined) continue; // delivered and deleted meanwhile
    const { size, mtimeMs } = status;
    segments.push({ firstRecord, path, bytes: size, newestAtMs: 0, changedAtMs: mtimeMs, writer: null, damaged: false, removed: false });
  }
  return segments.sort((a, b) => a.firstRecord - b.firstRecord);
}

export class Segments {
  readonly setAside: SetAside;

  constructor(
    readonly directory: string,
    private readonly list: Segment[],
  ) {
    this.setAside = new SetAside(directory);
  }

  get count(): number {
    return this.list.length;
  }

  get first(): Segment | null {
    return this.list[0] ?? null;
  }

  get last(): Segment | null {
    return this.list[this.list.length - 1] ?? null;
  }

  after(segment: Segment): Segment | null {
    return this.list[this.list.indexOf(segment) + 1] ?? null;
  }

  /** One past the last record of a segment; `nextRecord`: of the spool. */
  endOf(segment: Segment, nextRecord: number): number {
    return this.after(segment)?.firstRecord ?? nextRecord;
  }

  /** Those whose files are gone, each of them once. */
  removed(): Segment[] {
    return this.list.filter((segment) => {
      if (segment.removed || !isGone(segment.path)) return false;
      segment.removed = true;
      return true;
    });
  }

  /** Those whose files are gone, up to the first and from the last one on that is there. */
  removedAtEnds(): Segment[] {
    const there = this.list.filter(({ path }) => !isGone(path));
    const [first, last] = [this.list.indexOf(there[0]), this.list.indexOf(there[there.length - 1])];
    return there.length === 0 ? [...this.list] : this.list.filter((_, at) => at < first || at > last);
  }

  /** The segment that holds the record, else the first. */
  holding(record: number): Segment | null {
    let found = this.first;
    for (const segment of this.list) if (segment.firstRecord <= record) found = segment;
    return found;
  }

  totalBytes(): number {
    let sum = 0;
    for (const segment of this.list) if (!segment.removed) sum += writtenBytes(segment);
    return sum;
  }

  add(firstRecord: number, writer: SegmentWriter, nowMs: number): Segment {
    const segment: Segment = {
      firstRecord,
      path: writer.path,
      bytes: 0,
      newestAtMs: nowMs,
      changedAtMs: 0,
      writer,
      damaged: false,
      removed: false,
    };
    this.list.push(segment);
    return segment;
  }

  pathFor(firstRecord: number): string {
    return join(this.directory, segmentFileName(firstRecord));
  }

  /** The segment at that path was found damaged. */
  markDamaged(path: string): void {
    const segment = this.list.find((each) => each.path === path);
    if (segment !== undefined) segment.damaged = true;
  }

  /** Deletes the oldest segment, or sets it aside if damaged; returns its new path then, else ''. */
  retireFirst(): string {
    const segment = this.list.shift();
    if (segment === undefined) return '';
    if (segment.damaged && !isGone(segment.path)) return this.setAside.add(segment.path, writtenBytes(segment));
    deleteIfThere(segment.path);
    return '';
  }
}

/** False where that cannot be known. */
function isGone(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) === undefined;
  } catch {
    return false;
  }
}

/** Bytes of the segment that can be read. */
export function writtenBytes(segment: Segment): number {
  return segment.writer === null ? segment.bytes : segment.writer.writtenBytes;
}
