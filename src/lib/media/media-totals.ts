/** Totals over all ended streams, for metrics. */
import type { StreamReport } from './stream-report.js';

/** Upper bounds, as Prometheus has them. */
export const MOS_BUCKETS: readonly number[] = [2, 2.6, 3.1, 3.6, 4, 4.3, 4.5];

export interface MediaCounts {
  /** Streams of active calls. */
  streams: number;
  totals: MediaTotals;
}

export class MediaTotals {
  /** Streams that have ended, and their packets. */
  streams = 0;
  packets = 0;
  lost = 0;
  late = 0;
  duplicates = 0;
  /** Streams with a MOS, its sum, and how many were at or below each bound. */
  rated = 0;
  mosSum = 0;
  readonly atMost: number[] = MOS_BUCKETS.map(() => 0);

  add({ packets, lost, late, duplicates, mos }: StreamReport): void {
    this.streams++;
    this.packets += packets;
    this.lost += lost;
    this.late += late;
    this.duplicates += duplicates;
    if (mos === null) return;
    this.rated++;
    this.mosSum += mos;
    MOS_BUCKETS.forEach((bound, i) => {
      if (mos <= bound) this.atMost[i]++;
    });
  }

  /** Adds what others have counted. */
  join(others: MediaTotals): void {
    this.streams += others.streams;
    this.packets += others.packets;
    this.lost += others.lost;
    this.late += others.late;
    this.duplicates += others.duplicates;
    this.rated += others.rated;
    this.mosSum += others.mosSum;
    others.atMost.forEach((count, i) => (this.atMost[i] += count));
  }
}
