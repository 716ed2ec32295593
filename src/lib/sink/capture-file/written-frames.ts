/**
 * Which of the latest frames are in the file already: messages in one segment share the same frame. A frame may be written
 * twice: first with one byte, as the time at which something was given up, and then for its own message.
 */
import type { Frame } from '../../base/index.js';

/** Far more than the frames between two messages of one segment. */
const MAX_FRAMES = 16_384;
/** More frames than any source counts. */
const NUMBERS = 2 ** 40;
const TIME_BYTES = 1;

export class WrittenFrames {
  private readonly known = new Set<number>();

  /** True the first time; frames without a number are always new. */
  isNew(frame: Frame): boolean {
    if (frame.number === 0) return true;
    const key = frame.sourceIndex * NUMBERS + frame.number;
    if (this.known.has(key)) return false;
    const own = frame.to - frame.from <= TIME_BYTES ? -key : key;
    if (this.known.has(own)) return false;
    this.known.add(own);
    if (this.known.size > MAX_FRAMES) this.forgetOldest();
    return true;
  }

  clear(): void {
    this.known.clear();
  }

  private forgetOldest(): void {
    for (const key of this.known) {
      this.known.delete(key);
      return;
    }
  }
}
