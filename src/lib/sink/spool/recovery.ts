/**
 * Determines the content of a spool when it is opened, however the last process ended. Files are never repaired in place: each
 * start begins a new segment, so a torn end stays where it is. Every segment must be readable, or the spool is not opened.
 * How many records a damaged end held is not known: one number is skipped for it, and counted as lost when reading reaches it.
 */
import { closeSync, openSync, readSync, unlinkSync } from 'node:fs';
import { UsageError, isFault } from '../../base/index.js';
import { SEGMENT_HEADER_BYTES, readSegmentHeader } from '../../format/spool/index.js';
import { asUsageError } from './access.js';
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

/** `acknowledged` as read from the file: 0 if missing, negative if damaged. */
export function recoverSegments(options: SpoolOptions, acknowledged: number): Recovered {
  const { directory, clock } = options;
  const list = listSegments(directory);
  const damages: Damage[] = [];
  const nowMs = clock.now() / 1000;
  for (const segment of list) {
    segment.newestAtMs = clock.monotonic() - Math.max(0, nowMs - segment.changedAtMs);
    requireReadable(segment.path, directory);
  }
  let nextRecord = Math.max(acknowledged, 1);
  for (;;) {
    const last = list[list.length - 1];
    if (last === undefined) break;
    if (last.bytes > SEGMENT_HEADER_BYTES) {
      const { newest, damagedEnd } = readThrough(last.path, last.bytes, directory, damages);
      const after = newest > 0 ? newest + 1 : last.firstRecord;
      // A torn record is one, the next; in other damage there may be more than were delivered, unless a later segment tells.
      const isLost = damagedEnd !== '' && (after >= nextRecord || (damagedEnd === 'corrupt' && nextRecord <= Math.max(acknowledged, 1)));
      nextRecord = Math.max(nextRecord, after) + (isLost ? 1 : 0);
      if (newest === 0) last.damaged = true;
      break;
    }
    // Not one record: the process ended while it began this file.
    nextRecord = Math.max(nextRecord, last.firstRecord);
    list.pop();
    unlinkSync(last.path);
  }
  const acknowledgedTo = acknowledged > 0 ? acknowledged : (list[0]?.firstRecord ?? nextRecord);
  const segments = new Segments(directory, list);
  for (const { file, kind } of damages) if (kind === 'corrupt') segments.markDamaged(file);
  return { segments, acknowledgedTo, nextRecord, damages };
}

/** Throws a UsageError if the file cannot be read, or was written by a later version. */
function requireReadable(path: string, directory: string): void {
  const header = Buffer.alloc(SEGMENT_HEADER_BYTES);
  let bytes: number;
  try {
    const descriptor = openSync(path, 'r');
    try {
      bytes = readSync(descriptor, header, 0, header.length, 0);
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    throw asUsageError(error, 'read the spool segment', path, directory);
  }
  const read = readSegmentHeader(header.subarray(0, bytes));
  if (isFault(read) && read.fault === 'bad_version')
    throw new UsageError(`${path} has a format that this version of sipcap does not know: use the version that wrote it`);
}

interface ReadThrough {
  /** The number of the last readable record, 0 if there is none. */
  newest: number;
  /** What follows it; '' for nothing. */
  damagedEnd: Damage['kind'] | '';
}

function readThrough(path: string, bytes: number, directory: string, damages: Damage[]): ReadThrough {
  let newest = 0;
  let damagedEnd: Damage['kind'] | '' = '';
  const reader = new SegmentReader(path, (damage) => {
    damages.push(damage);
    if (damage.atByte + damage.bytes >= bytes) damagedEnd = damage.kind;
  });
  try {
    for (let record = reader.next(bytes); record !== null; record = reader.next(bytes)) newest = record.number;
  } catch (error) {
    throw asUsageError(error, 'read the spool segment', path, directory);
  } finally {
    reader.close();
  }
  return { newest, damagedEnd };
}
