/** What the readers of capture formats have in common. */
import type { Fault, Frame } from '../base/index.js';

export interface CaptureReader {
  /** Gives the reader more of the stream. The caller never overwrites the chunk. */
  push(chunk: Buffer): void;
  /** Fills the frame with the next complete record and returns true; false if more bytes are needed or the reader gave up. */
  next(frame: Frame): boolean;
  /** Called at the end of the stream: its fault, or null. */
  end(): Fault | null;
  /** Set once the bytes are unreadable; no more records follow. */
  readonly broken: Fault | null;
  /** Stream offset just after the last record delivered (after the file header before the first). */
  readonly bytesThrough: number;
}

/** Records above this are treated as corrupt: no link carries frames of that size. */
export const MAX_RECORD_BYTES = 16 * 1024 * 1024;
