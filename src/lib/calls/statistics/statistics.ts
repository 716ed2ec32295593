/** Calls by hour, method, status, peer, node, user agent or codec, with the values of each group and of all. */
import type { Zone } from '../../base/time/index.js';
import type { CallSummary } from '../summary/call-summary.js';
import { CallTotals, type CallFigures } from './call-totals.js';

export const GROUPINGS = ['none', 'hour', 'method', 'status', 'peer', 'node', 'ua', 'codec'] as const;
export type Grouping = (typeof GROUPINGS)[number];

export interface StatisticsRow {
  group: string;
  figures: CallFigures;
}

/** Further groups are merged into one. */
const MAX_GROUPS = 10_000;
export const OTHER_GROUPS = '(others)';

export class CallStatistics {
  readonly total = new CallTotals();
  private readonly groups = new Map<string, CallTotals>();
  private readonly keyOf: (call: CallSummary) => string;

  constructor(
    private readonly by: Grouping,
    zone: Zone,
    /** Each leg is a call of its own. */
    private readonly perHop: boolean,
  ) {
    this.keyOf = groupingOf(by, zone);
  }

  add(call: CallSummary): void {
    if (call.isFurtherLeg && !this.perHop) return;
    this.total.add(call);
    if (this.by === 'none') return;
    let key = this.keyOf(call);
    if (!this.groups.has(key) && this.groups.size >= MAX_GROUPS) key = OTHER_GROUPS;
    const totals = this.groups.get(key) ?? new CallTotals();
    this.groups.set(key, totals);
    totals.add(call);
  }

  /** In the order of time or number, else by attempts. */
  rows(): StatisticsRow[] {
    const rows = [...this.groups].map(([group, totals]) => ({ group, figures: totals.figures() }));
    const byName = (a: StatisticsRow, b: StatisticsRow) => (a.group < b.group ? -1 : a.group > b.group ? 1 : 0);
    if (this.by === 'hour' || this.by === 'status') return rows.sort(byName);
    const size = ({ figures }: StatisticsRow) => figures.attempts + figures.registrations + figures.others;
    return rows.sort((a, b) => size(b) - size(a) || byName(a, b));
  }
}

function groupingOf(by: Grouping, zone: Zone): (call: CallSummary) => string {
  switch (by) {
    case 'hour':
      return ({ startedAt }) => `${zone.text(startedAt).slice(0, 13)}:00`;
    case 'method':
      return ({ method }) => method;
    case 'status':
      return ({ status }) => (status === 0 ? '(none)' : String(status));
    case 'peer':
      return ({ source }) => source;
    case 'node':
      return ({ node }) => node || '(none)';
    case 'ua':
      return ({ userAgent }) => userAgent || '(none)';
    case 'codec':
      return ({ codec }) => codec || '(none)';
    default:
      return () => '';
  }
}
