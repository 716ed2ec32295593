/** `--sort`: the top calls by one value, up to the requested number; the others are counted. */
import { UsageError, expectedOneOf } from '../../base/index.js';
import type { CallSummary } from './call-summary.js';

const KEYS: Readonly<Record<string, (call: CallSummary) => number | string | null>> = {
  start: (call) => call.startedAt,
  end: (call) => (call.endedAt === 0 ? null : call.endedAt),
  duration: (call) => call.talkingMs,
  setup: (call) => call.setupMs,
  ringing: (call) => call.ringingMs,
  pdd: (call) => call.pddMs,
  messages: (call) => call.messages,
  retransmissions: (call) => call.retransmissions,
  legs: (call) => call.legs,
  status: (call) => (call.status === 0 ? null : call.status),
  mos: (call) => call.mos,
  loss: (call) => call.lossPercent,
  from: (call) => call.fromUser,
  to: (call) => call.toUser,
  state: (call) => call.state,
};

export const SORT_KEYS: readonly string[] = Object.keys(KEYS);

export class SortedCalls {
  leftOut = 0;
  private calls: CallSummary[] = [];
  private readonly compare: (a: CallSummary, b: CallSummary) => number;

  /** A key, `-key` for the greatest first. */
  constructor(
    key: string,
    private readonly limit: number,
  ) {
    const isReversed = key.startsWith('-');
    const value = KEYS[isReversed ? key.slice(1) : key];
    if (value === undefined)
      throw new UsageError(`invalid --sort '${key}': ${expectedOneOf(key, SORT_KEYS, ', with - for the greatest first')}`);
    this.compare = (a, b) => compareValues(value(a), value(b), isReversed) || a.number - b.number;
  }

  /** Keeps at most twice the requested number. */
  add(call: CallSummary): void {
    this.calls.push(call);
    if (this.calls.length >= 2 * this.limit + 16) this.shorten();
  }

  take(): CallSummary[] {
    this.shorten();
    return this.calls;
  }

  private shorten(): void {
    this.calls.sort(this.compare);
    this.leftOut += Math.max(0, this.calls.length - this.limit);
    this.calls = this.calls.slice(0, this.limit);
  }
}

/** Calls without the value come last in either order. */
function compareValues(a: number | string | null, b: number | string | null, isReversed: boolean): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
  const order = a < b ? -1 : a > b ? 1 : 0;
  return isReversed ? -order : order;
}
