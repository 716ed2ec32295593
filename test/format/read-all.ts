/** Feeds a reader in chunks and records its output. */
import type { Fault, Frame } from '../../src/lib/base/index.js';
import type { CaptureReader } from '../../src/lib/format/index.js';

export interface Seen {
  linkType: number;
  capturedAt: number;
  number: number;
  originalLength: number;
  hex: string;
  /** Stream offset after the record. */
  through: number;
}

export function blankFrame(): Frame {
  return { linkType: -1, bytes: Buffer.alloc(0), from: 0, to: 0, originalLength: 0, capturedAt: 0, number: 0, sourceIndex: 0 };
}

export function readAll(reader: CaptureReader, bytes: Buffer, pieceBytes = bytes.length): { frames: Seen[]; fault: Fault | null } {
  const frames: Seen[] = [];
  const frame = blankFrame();
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    reader.push(Buffer.from(bytes.subarray(at, at + pieceBytes)));
    while (reader.next(frame)) {
      const { linkType, capturedAt, number, originalLength, from, to } = frame;
      frames.push({
        linkType,
        capturedAt,
        number,
        originalLength,
        hex: frame.bytes.toString('hex', from, to),
        through: reader.bytesThrough,
      });
    }
    if (reader.broken !== null) break;
  }
  return { frames, fault: reader.end() };
}
