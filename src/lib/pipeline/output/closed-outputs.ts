/** What outputs that a reload closed leave to the summary. Many reloads leave one line for the oldest. */
import type { OutputCounts } from './output.js';

const MAX_LINES = 32;

export class ClosedOutputs {
  readonly counts: OutputCounts[] = [];

  add(counts: OutputCounts): void {
    this.counts.push(counts);
    if (this.counts.length <= MAX_LINES) return;
    const [oldest, next] = this.counts.splice(0, 2);
    this.counts.unshift(joined(oldest, next));
  }
}

function joined(a: OutputCounts, b: OutputCounts): OutputCounts {
  const sum = (name: 'delivered' | 'written' | 'refused' | 'waiting' | 'lost') => a.counts[name] + b.counts[name];
  return {
    sink: 'earlier (closed)',
    counts: {
      delivered: sum('delivered'),
      before: (a.counts.before ?? 0) + (b.counts.before ?? 0),
      written: sum('written'),
      refused: sum('refused'),
      waiting: sum('waiting'),
      lost: sum('lost'),
      reasons: {},
    },
    additional: a.additional + b.additional,
  };
}
