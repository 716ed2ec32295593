/**
 * What outputs that a reload closed leave to the summary and to metrics: one line a name, however often it was closed,
 * so that counters by name never go back. Of many names the oldest share one.
 */
import type { OutputCounts } from './output.js';

const MAX_LINES = 32;

export class ClosedOutputs {
  readonly counts: OutputCounts[] = [];

  add(counts: OutputCounts): void {
    const at = this.counts.findIndex(({ sink }) => sink === counts.sink);
    if (at >= 0) this.counts[at] = joined(counts.sink, this.counts[at], counts);
    else this.counts.push(counts);
    if (this.counts.length <= MAX_LINES) return;
    const [oldest, next] = this.counts.splice(0, 2);
    this.counts.unshift(joined('earlier (closed)', oldest, next));
  }
}

function joined(sink: string, a: OutputCounts, b: OutputCounts): OutputCounts {
  const sum = (name: 'delivered' | 'written' | 'refused' | 'waiting' | 'lost') => a.counts[name] + b.counts[name];
  const optional = (name: 'unconfirmed' | 'present') => {
    const [first, second] = [a.counts[name], b.counts[name]];
    return first === undefined && second === undefined ? {} : { [name]: (first ?? 0) + (second ?? 0) };
  };
  const reasons = { ...a.counts.reasons };
  for (const [reason, count] of Object.entries(b.counts.reasons)) reasons[reason] = (reasons[reason] ?? 0) + count;
  return {
    sink,
    counts: {
      delivered: sum('delivered'),
      before: (a.counts.before ?? 0) + (b.counts.before ?? 0),
      written: sum('written'),
      refused: sum('refused'),
      waiting: sum('waiting'),
      lost: sum('lost'),
      ...optional('unconfirmed'),
      ...optional('present'),
      reasons,
    },
    additional: a.additional + b.additional,
  };
}
