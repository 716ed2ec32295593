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
 * lost, and the segment is set aside (`.damaged`) instead of deleted. Segments of version 1 have no salt; they are read up
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
export { findSpools, inspectSpool, type SpoolReport } from './inspection.js';
export type { Damage } from './segment-reader.js';
export { SpoolLog, type SpoolStatus } from './spool-log.js';
export type { SpoolOptions, SpoolSync } from './spool-options.js';
