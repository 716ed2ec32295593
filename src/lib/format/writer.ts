/** What the writers of capture formats have in common: they write into a buffer provided by the caller. */
import type { Frame } from '../base/index.js';

export interface CaptureWriter {
  /** The file header. */
  fileHeader(): Buffer;
  /** True if frames of that link type can be written to this file. */
  takes(linkType: number): boolean;
  /** False if the nanoseconds of the frame would be lost. */
  keepsTime(frame: Frame): boolean;
  /** Bytes that `write` will need. */
  bytesFor(frame: Frame): number;
  /** Writes the record and returns the offset after it. */
  write(frame: Frame, target: Buffer, at: number): number;
}
