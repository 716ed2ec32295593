/**
 * Frames to be written to a capture file. Those of a message arrive when the message is complete, later than frames captured
 * meanwhile: within the window they are put back into capture order.
 */
import { keepFrame, type Frame } from '../../base/index.js';

const WINDOW_BYTES = 512 * 1024;
const SYNTHETIC = -1;

interface Entry {
  frame: Frame;
  /** SYNTHETIC for a frame that no source captured. */
  source: number;
  /** Messages that are complete with this frame. */
  messages: number;
}

export class FrameWindow {
  private entries: Entry[] = [];
  private bytes: Buffer = Buffer.allocUnsafeSlow(WINDOW_BYTES);
  private used = 0;
  private inOrder = true;
  /** The only source so far; SYNTHETIC before the first frame. */
  private source = SYNTHETIC;
  private hasSeveralSources = false;
  private highest = 0;
  /** Messages whose frames left the window before they were complete. */
  private rest = 0;
  /** Messages in the window. */
  messages = 0;

  get isEmpty(): boolean {
    return this.entries.length === 0;
  }

  /** True if frames of that many bytes would exceed the window. */
  isFullWith(bytes: number): boolean {
    return this.used > 0 && this.used + bytes > WINDOW_BYTES;
  }

  /** Copies the frame. */
  add(frame: Frame, isSynthetic: boolean): void {
    const length = frame.to - frame.from;
    if (this.used + length > this.bytes.length) this.grow(this.used + length);
    const kept = keepFrame(frame);
    kept.bytes = this.bytes;
    kept.from = this.used;
    frame.bytes.copy(this.bytes, this.used, frame.from, frame.to);
    this.used += length;
    kept.to = this.used;
    const source = isSynthetic ? SYNTHETIC : frame.sourceIndex;
    // Its message was released now, whatever its number.
    if (isSynthetic && kept.number < this.highest) kept.number = this.highest;
    if (kept.number > this.highest) this.highest = kept.number;
    if (source !== SYNTHETIC && source !== this.source) {
      if (this.source !== SYNTHETIC) this.hasSeveralSources = true;
      this.source = source;
    }
    const entry = { frame: kept, source, messages: 0 };
    const last = this.entries[this.entries.length - 1];
    if (last !== undefined && this.compare(last, entry) > 0) this.inOrder = false;
    this.entries.push(entry);
  }

  /** The frames added since `from` entries (see `size`) belong to a message: it is written when the last of them is. */
  completeMessage(from: number): void {
    this.messages++;
    if (this.entries.length === 0) {
      this.rest++;
      return;
    }
    let last = this.entries[Math.min(from, this.entries.length - 1)];
    for (const entry of this.entries.slice(from)) if (this.compare(last, entry) <= 0) last = entry;
    last.messages++;
  }

  get size(): number {
    return this.entries.length;
  }

  /** Removes frames in order: all, or the earlier half. Their bytes are valid until the next `add`. */
  take(all: boolean): { frames: Frame[]; messages: number } {
    if (!this.inOrder) this.entries.sort((a, b) => this.compare(a, b));
    this.inOrder = true;
    let count = this.entries.length;
    if (!all) {
      count = 0;
      for (let bytes = 0; count < this.entries.length && bytes < this.used / 2; count++) {
        const { frame } = this.entries[count];
        bytes += frame.to - frame.from;
      }
    }
    const taken = this.entries.slice(0, count);
    this.entries = this.entries.slice(count);
    let messages = this.rest;
    for (const entry of taken) messages += entry.messages;
    this.rest = 0;
    this.messages -= messages;
    this.restart();
    return { frames: taken.map(({ frame }) => frame), messages };
  }

  /** What stays moves into a buffer of its own: the taken frames keep theirs. */
  private restart(): void {
    const kept = this.entries;
    this.used = 0;
    if (kept.length === 0) {
      if (this.bytes.length > WINDOW_BYTES) this.bytes = Buffer.allocUnsafeSlow(WINDOW_BYTES);
      return;
    }
    let needed = 0;
    for (const { frame } of kept) needed += frame.to - frame.from;
    const bytes = Buffer.allocUnsafeSlow(Math.max(WINDOW_BYTES, needed));
    for (const { frame } of kept) {
      const from = this.used;
      this.used += frame.bytes.copy(bytes, from, frame.from, frame.to);
      frame.bytes = bytes;
      frame.from = from;
      frame.to = this.used;
    }
    this.bytes = bytes;
  }

  private grow(needed: number): void {
    const larger = Buffer.allocUnsafeSlow(needed);
    this.bytes.copy(larger, 0, 0, this.used);
    for (const { frame } of this.entries) frame.bytes = larger;
    this.bytes = larger;
  }

  /** By number within a source, by time between sources; others stay in order of arrival. */
  private compare(a: Entry, b: Entry): number {
    if (!this.hasSeveralSources || (a.source === b.source && a.source !== SYNTHETIC)) return a.frame.number - b.frame.number;
    return a.frame.capturedAt - b.frame.capturedAt;
  }
}
