/** The open files, the one with the earliest next record first; at equal times the one named first. */
import type { Entry } from './entry.js';

export class OpenFiles {
  private readonly entries: Entry[] = [];

  get first(): Entry | null {
    return this.entries[0] ?? null;
  }

  /** Time of the earliest next record; infinite where no file is open. */
  get time(): number {
    return this.entries.length === 0 ? Infinity : this.entries[0].cursor!.frame.capturedAt;
  }

  add(entry: Entry): void {
    this.entries.unshift(entry);
    this.settleFirst();
  }

  removeFirst(): void {
    this.entries.shift();
  }

  /** The first file advanced to its next record: true if another file is first now. */
  reorder(): boolean {
    return this.entries.length > 1 && this.settleFirst();
  }

  /** Few files are open at a time, and the next record is usually in the same file or its neighbour. */
  private settleFirst(): boolean {
    const { entries } = this;
    let at = 0;
    for (; at + 1 < entries.length && comesAfter(entries[at], entries[at + 1]); at++) {
      const entry = entries[at];
      entries[at] = entries[at + 1];
      entries[at + 1] = entry;
    }
    return at > 0;
  }
}

function comesAfter(one: Entry, other: Entry): boolean {
  const { frame } = one.cursor!;
  const { frame: otherFrame } = other.cursor!;
  if (frame.capturedAt !== otherFrame.capturedAt) return frame.capturedAt > otherFrame.capturedAt;
  return frame.sourceIndex > otherFrame.sourceIndex;
}
