/**
 * The spool: a durable first-in first-out log of records in a directory of its own.
 *
 * Layout. Records are numbered from 1 and stand in segment files named for their first record; a segment opens with a
 * header that holds eight random bytes, its salt (format/spool has both layouts byte by byte). The file `acknowledged`
 * holds the number of the first record that is not delivered, `lock` belongs to the process that has the spool.
 *
 * Acknowledgement. `append` numbers a record and buffers it; it is written within 20 ms and synced by the policy chosen.
 * `read` returns records in order, `rewind` makes those read and not acknowledged unread again. `acknowledge(n)` delivers
 * every record up to n. The number is saved first, four times a second, and segments wholly below it are deleted after
 * that: a crash between the two repeats records, it never loses one. Whoever cannot bear repeats must recognise them.
 *
 * Torn and forged records. A record counts only if its marker and its checksum agree with the salt of its segment and its
 * number is the previous one plus 1. Senders of packets do not know the salt: bytes inside a payload are never taken for a
 * record. A torn end is what a killed process leaves, and is normal. After any other damage reading resumes at the next
 * record that passes, with a number no further on than the damaged bytes allow; the numbers in between are counted as
 * lost, and the segment is set aside (`.damaged`) instead of deleted, also where it is evicted. What was set aside counts in
 * the size, and may take a quarter of it: beyond that the oldest of these files is deleted, and named in the log. Segments of version 1 have no salt; they are read up
 * to the first damage and no further.
 *
 * Recovery. Every segment must be readable, else the spool is not opened. The newest record of the last segment gives the
 * next number; writing begins a new segment, so nothing is repaired in place. A segment without one record is deleted if
 * it is no longer than a header, else set aside. Errors of the system while reading (EIO, EMFILE, EACCES) delete
 * nothing and pass over nothing: `read` returns null, `readFailure` has the code, and reading is retried.
 *
 * Invariants, held by test/sink/spool: recovered + appended = acknowledged + in hand + unread + lost at every moment, where
 * a rewind makes what is in hand unread; records come in order and unaltered; nothing acknowledged comes again but after a
 * crash within the last save; a payload that holds a record, even one with the right marker, is never read as one.
 */
import type { Clock, Log } from '../../base/index.js';

/**
 * When written records are forced to the disk: as soon as possible after each, every second, or when the
 * system chooses to. With each of them a kill loses no more than the last 20 ms; the policy is about power loss.
 */
export type SpoolSync = 'always' | 'interval' | 'never';

export interface SpoolOptions {
  /** Holds this spool alone; created if missing. */
  directory: string;
  clock: Clock;
  log: Log;
  sync: SpoolSync;
  /** Above this the oldest segments are evicted; segments set aside count. 0 is unlimited. */
  maxBytes: number;
  /** Segments whose newest record is older are evicted; 0 is unlimited. */
  maxAgeSeconds: number;
  /** Default 16 MiB; smaller if `maxBytes` requires it. */
  segmentBytes?: number;
}

/** What a spool holds, for reports. */
export interface SpoolStatus {
  /** Records that are not acknowledged, and the bytes of all segments. */
  backlogRecords: number;
  backlogBytes: number;
  segments: number;
  nextRecord: number;
  acknowledgedTo: number;
  next: { file: string; atByte: number } | null;
  /** Errno of the last write and of the last read that failed; '' while they work. */
  failure: string;
  readFailure: string;
}

export const SEGMENT_BYTES = 16 * 1024 * 1024;
const MIN_SEGMENT_BYTES = 64 * 1024;

/** At least four segments fit the bound, so that evicting one does not evict everything. */
export function segmentBytesOf(options: SpoolOptions): number {
  const wanted = options.segmentBytes ?? SEGMENT_BYTES;
  if (options.maxBytes === 0) return wanted;
  return Math.max(Math.min(MIN_SEGMENT_BYTES, wanted), Math.min(wanted, Math.floor(options.maxBytes / 4)));
}

/** The share of the limit for damaged segments set aside: a quarter, and at least one of them. */
export function setAsideBytesOf(options: SpoolOptions): number {
  return options.maxBytes === 0 ? Infinity : Math.max(segmentBytesOf(options), Math.floor(options.maxBytes / 4));
}
