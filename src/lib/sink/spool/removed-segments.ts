/** Segments that somebody removes under the process that uses the spool. */
import type { Segments } from './segments.js';
import type { SpoolCursor } from './spool-cursor.js';
import type { SpoolWriter } from './spool-writer.js';

/** What is written from now on goes to another file. What is lost is counted where the reading comes to it: it may have a file open. */
export function noteRemoved(segments: Segments, writer: SpoolWriter, warn: (text: string) => void): void {
  for (const segment of segments.removed()) {
    warn(`${segment.path} was removed by somebody else: what was not read of it is lost`);
    if (segment.writer === null) continue;
    writer.flush();
    writer.retire();
  }
}

/** At the end: those at the beginning and at the end of the spool are lost. The next owner finds and counts a gap between others. */
export function loseRemoved(segments: Segments, cursor: SpoolCursor, acknowledgedTo: number, nextRecord: number): void {
  for (const segment of segments.removedAtEnds())
    cursor.lose(Math.max(acknowledgedTo, segment.firstRecord), segments.endOf(segment, nextRecord), 'spool_missing');
  cursor.skipMissing();
}
