/**
 * Finds out what a spool holds when it is opened, after whatever end the last process came to. Files are
 * never repaired in place: each start begins a new segment, so a torn end simply stays behind.
 */
import { unlinkSync } from 'node:fs';
import { SegmentReader, type Damage } from './segment-reader.js';
import { Segments, listSegments } from './segments.js';
import type { SpoolOptions } from './spool-options.js';

export interface Recovered {
  segments: Segments;
  /** The first record that is not acknowledged. */
  acknowledgedTo: number;
  /** The number that the next new record gets. */
  nextRecord: number;
  damages: Damage[];
}

/** `acknowledged` as read from the file: 0 where there is none, negative where it is damaged. */
export function recoverSegments(options: SpoolOptions, acknowledged: number): Recovered {
  const list = listSegments(options.directory);
  const damages: Damage[] = [];
  const nowMs = options.clock.now() / 1000;
  for (const segment of list) segment.newestAtMs = options.clock.monotonic() - Math.max(0, nowMs - segment.changedAtMs);
  let nextRecord = Math.max(acknowledged, 1);
  for (;;) {
    const last = list[list.length - 1];
    if (last === undefined) break;
    const newest = newestRecordOf(last.path, last.bytes, damages);
    if (newest > 0) {
      nextRecord = Math.max(nextRecord, newest + 1);
      break;
    }
    // Not one record: the process ended while it began this file, or all of it is spoiled.
    unlinkSync(last.path);
    list.pop();
    nextRecord = Math.max(nextRecord, last.firstRecord);
  }
  const acknowledgedTo = acknowledged > 0 ? acknowledged : (list[0]?.firstRecord ?? nextRecord);
  return { segments: new Segments(options.directory, list), acknowledgedTo, nextRecord, damages };
}

function newestRecordOf(path: string, bytes: number, damages: Damage[]): number {
  const reader = new SegmentReader(path, (damage) => damages.push(damage));
  let newest = 0;
  for (let record = reader.next(bytes); record !== null; record = reader.next(bytes)) newest = Math.max(newest, record.number);
  reader.close();
  return newest;
}
