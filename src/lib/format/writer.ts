/** What the writers of capture formats have in common: they write into a piece of memory that the caller gathers in. */
import type { Frame } from '../base/index.js';

export interface CaptureWriter {
  /** What a file begins with. */
  fileHeader(): Buffer;
  /** True where frames of that link type can go into this file. */
  takes(linkType: number): boolean;
  /** False where the nanoseconds of the frame would be lost. */
  keepsTime(frame: Frame): boolean;
  /** Bytes that `write` will need. */
  bytesFor(frame: Frame): number;
  /** Writes the record and returns the offset behind it. */
  write(frame: Frame, target: Buffer, at: number): number;
}
