/** What the readers of capture formats have in common. */
import type { Fault, Frame } from '../base/index.js';

export interface CaptureReader {
  /** Gives the reader more of the stream. The chunk is never written again by the giver. */
  push(chunk: Buffer): void;
  /** Fills the frame with the next whole record and answers true; false where more bytes are needed or the reader gave up. */
  next(frame: Frame): boolean;
  /** The stream is at its end: what is wrong with it, or null. */
  end(): Fault | null;
  /** Set once the bytes are beyond reading; nothing more comes out. */
  readonly broken: Fault | null;
  /** Stream offset just behind the record delivered last (behind the file header before the first). */
  readonly bytesThrough: number;
}

/** Records above this are treated as corrupt: no link carries frames of that size. */
export const MAX_RECORD_BYTES = 16 * 1024 * 1024;
