/** The newest unacknowledged records of a spool, read besides its owner's cursor, in order. */
import type { SpoolRecord } from '../../format/spool/index.js';
import { readAcknowledged } from './acknowledged.js';
import { SegmentReader } from './segment-reader.js';
import { listSegments } from './segments.js';

/** Whole segments, at least `bytes` of them if there are as many. */
export function* newestRecords(directory: string, bytes: number): Generator<SpoolRecord> {
  const acknowledged = Math.max(0, readAcknowledged(directory));
  const segments = listSegments(directory);
  let first = segments.length;
  for (let sum = 0; first > 0 && sum < bytes; first--) sum += segments[first - 1].bytes;
  for (const segment of segments.slice(first)) {
    const reader = new SegmentReader(segment.path, () => {});
    try {
      for (let record = reader.next(segment.bytes); record !== null; record = reader.next(segment.bytes))
        if (record.number >= acknowledged) yield record;
    } finally {
      reader.close();
    }
  }
}
