/** Segments that somebody removed under the process that uses the spool: their records are lost, and counted at once. */
import type { Segments } from './segments.js';
import type { SpoolCursor } from './spool-cursor.js';
import type { SpoolWriter } from './spool-writer.js';

/** `isEnding`: what is being read will not be read to its end. */
export function loseRemoved(
  segments: Segments,
  writer: SpoolWriter,
  cursor: SpoolCursor,
  acknowledgedTo: number,
  isEnding: boolean,
  warn: (text: string) => void,
): void {
  for (const segment of segments.removed()) {
    if (!isEnding && cursor.holdsOpen(segment)) {
      if (segment.writer === null) continue;
      writer.flush();
      writer.retire();
      warn(`${segment.path} was removed by somebody else while it is being read`);
      continue;
    }
    if (segment.writer !== null) writer.retire();
    const from = Math.max(acknowledgedTo, segment.firstRecord);
    const lost = cursor.lose(from, segments.endOf(segment, writer.nextRecord), 'spool_missing');
    if (lost > 0) warn(`${segment.path} was removed by somebody else: ${lost} records are lost`);
  }
}
