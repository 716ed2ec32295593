/**
 * The position in each file of an import, and what of it is stored already. A file is read again from its
 * start (to complete fragments and streams in flight), and messages up to its stored
 * position are skipped.
 */
import { createHash } from 'node:crypto';
import type { Message, Position, RowComparison } from '../../base/index.js';

export interface FilePosition {
  /** Key of the file's stream in the database. */
  stream: string;
  /** The stored position to resume after, or null. */
  resume: Position | null;
  /** Rows of this file are compared with existing ones: other streams have stored some of it. */
  compared?: boolean;
  /** Messages released only at the end of those other reads. */
  tails?: readonly (readonly string[])[];
}

/** The positions of a run in its files, for the database that stores their messages. */
export interface FileProgress {
  /** The streams that advanced since the last call, each with its current position. */
  positions(): { stream: string; position: string }[];
  /** How the next row of the message accepted last is compared; null if not needed. */
  readonly comparison: (() => RowComparison) | null;
  /** The same for one of several writers, each of which stores every position by itself. */
  apart(): FileProgress;
}

/** The last record delivered by the file source. */
export interface RecordPosition {
  head: string;
  frame: number;
  bytes: number;
  digest: string;
  marks?: string;
}

interface Entry extends FilePosition {
  moved: boolean;
  /** Some message of it was new. */
  begun: boolean;
  /** Frame of the last message and its place among that frame's messages. */
  frame: number;
  index: number;
}

export class PositionTracker implements FileProgress {
  readonly comparison: (() => RowComparison) | null;
  private nextRow: RowComparison = 'none';
  private readonly entries: Entry[];
  /** Messages of which an earlier read found only the beginning, and this one more: both are stored. */
  completedLater = 0;
  /** Messages released only at the end of an earlier read, and how often; shared by the files of a run. */
  private readonly tailLeft = new Map<string, number>();
  /** Their lengths, ascending. */
  private tailLengths: number[] = [];
  /** The same for the end of this run. */
  private readonly tail: string[] = [];

  constructor(
    files: readonly FilePosition[],
    private readonly record: (sourceIndex: number) => RecordPosition,
  ) {
    this.entries = files.map((file) => ({ ...file, moved: false, begun: false, frame: 0, index: 0 }));
    this.comparison = files.some(({ compared }) => compared === true) ? () => this.compareRow() : null;
    for (const { resume, tails = [] } of files) for (const tail of [resume?.tail ?? [], ...tails]) this.expectTail(tail);
  }

  /** True if the message is new; records it either way. */
  accept(message: Message, sourceIndex: number, index: number, atEnd: boolean): boolean {
    const entry = this.entries[sourceIndex];
    this.nextRow = entry.compared === true ? 'message' : 'none';
    if (atEnd) {
      this.tail.push(originKey(message, message.payload.length));
      this.tailChanged();
    } else {
      entry.frame = message.frameNumber;
      entry.index = index;
    }
    const { resume } = entry;
    if (
      !atEnd &&
      resume !== null &&
      (message.frameNumber < resume.frame || (message.frameNumber === resume.frame && index <= resume.index))
    )
      return false;
    if (this.wasInTail(message)) return false;
    if (this.completesTail(message)) this.completedLater++;
    entry.moved = true;
    entry.begun = true;
    return true;
  }

  positions(): { stream: string; position: string }[] {
    const moved = this.positionsOf(({ moved: hasMoved }) => hasMoved);
    for (const entry of this.entries) entry.moved = false;
    return moved;
  }

  apart(): FileProgress {
    const last = new Map<string, string>();
    const positions = () =>
      this.positionsOf(({ begun }) => begun).filter(({ stream, position }) => {
        const isNew = last.get(stream) !== position;
        last.set(stream, position);
        return isNew;
      });
    return { positions, comparison: this.comparison, apart: () => this.apart() };
  }

  private positionsOf(wanted: (entry: Entry) => boolean): { stream: string; position: string }[] {
    const tail = [...this.tail];
    for (const [key, times] of this.tailLeft) for (let i = 0; i < times; i++) tail.push(key);
    const moved: { stream: string; position: string }[] = [];
    this.entries.forEach((entry, sourceIndex) => {
      if (!wanted(entry)) return;
      moved.push({ stream: entry.stream, position: JSON.stringify({ ...this.reached(entry, sourceIndex), tail }) });
    });
    return moved;
  }

  /** A file that is still being re-read keeps its stored position: everything up to there is stored. */
  private reached(entry: Entry, sourceIndex: number): Position {
    const { resume } = entry;
    const { head, frame, bytes, digest, marks } = this.record(sourceIndex);
    const index = entry.frame === frame ? entry.index : 0;
    if (resume !== null && (frame < resume.frame || (frame === resume.frame && index < resume.index))) return resume;
    return { head, frame, index, bytes, digest, marks, tail: [] };
  }

  /** Every position holds the whole tail: a stale one would later skip a message that only looks like the one it names. */
  private tailChanged(): void {
    for (const entry of this.entries) if (entry.frame > 0 || entry.resume !== null) entry.moved = entry.begun = true;
  }

  private compareRow(): RowComparison {
    const row = this.nextRow;
    if (row === 'message') this.nextRow = 'additional';
    return row;
  }

  /** Every file's position carries the whole run's tail: the largest count is the true one. */
  private expectTail(tail: readonly string[]): void {
    const own = new Map<string, number>();
    for (const key of tail) own.set(key, (own.get(key) ?? 0) + 1);
    for (const [key, times] of own) this.tailLeft.set(key, Math.max(times, this.tailLeft.get(key) ?? 0));
    this.tailLengths = [...new Set([...this.tailLeft.keys()].map(lengthOf))].sort((a, b) => a - b);
  }

  private wasInTail(message: Message): boolean {
    return this.tailLeft.size > 0 && this.takeFromTail(originKey(message, message.payload.length));
  }

  /**
   * Whether an earlier read delivered the beginning of this message, which ended where the capture did. The entry stays:
   * the same end may come again.
   */
  private completesTail(message: Message): boolean {
    if (this.tailLeft.size === 0) return false;
    return this.tailLengths.some(
      (length) => length > 0 && length < message.payload.length && this.tailLeft.has(originKey(message, length)),
    );
  }

  private takeFromTail(key: string): boolean {
    // Entries of earlier versions have no length.
    const found = [key, key.slice(0, KEY_DIGITS)].find((each) => this.tailLeft.has(each));
    if (found === undefined) return false;
    const left = this.tailLeft.get(found)!;
    if (left === 1) this.tailLeft.delete(found);
    else this.tailLeft.set(found, left - 1);
    this.tailChanged();
    return true;
  }
}

const KEY_DIGITS = 32;

/** Content, flow and length: the same message, whichever frame releases it; or its first `length` bytes. */
function originKey({ sourceAddress, sourcePort, destinationAddress, destinationPort, payload }: Message, length: number): string {
  const flow = `${sourceAddress} ${sourcePort} ${destinationAddress} ${destinationPort} `;
  const digest = createHash('sha256').update(flow).update(payload.subarray(0, length)).digest('hex');
  return `${digest.slice(0, KEY_DIGITS)}:${length}`;
}

/** 0 if not in the entry. */
function lengthOf(key: string): number {
  return Number(key.slice(KEY_DIGITS + 1));
}
