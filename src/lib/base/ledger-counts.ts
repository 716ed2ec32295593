/**
 * A ledger as plain data: what a worker or a process reports of its own, and how it is added to that of the whole. Each
 * reports totals; what is added is what they have grown by since its last report, so that one that dies keeps that.
 */
import type { Counters } from './counters.js';
import type { Ledger } from './ledger.js';
import { STREAM_BYTES, type StreamBytes } from './stream-framer.js';

const NUMBERS = ['received', 'bytes', 'undecoded', 'part', 'complete', 'found', 'delivered'] as const;
const NAMED = ['dropped', 'without', 'filtered', 'rejected', 'lost', 'notes'] as const;

export type LedgerCounts = Record<(typeof NUMBERS)[number], number> &
  Record<(typeof NAMED)[number], Record<string, number>> & { firstAt: number; lastAt: number; stream: StreamBytes };

export function ledgerCounts(ledger: Ledger): LedgerCounts {
  const { received, bytes, undecoded, part, complete, found, delivered, firstAt, lastAt, stream } = ledger;
  const { dropped, without, filtered, rejected, lost, notes } = ledger;
  return {
    received,
    bytes,
    undecoded,
    part,
    complete,
    found,
    delivered,
    firstAt,
    lastAt,
    dropped: dropped.toJSON(),
    without: without.toJSON(),
    filtered: filtered.toJSON(),
    rejected: rejected.toJSON(),
    lost: lost.toJSON(),
    notes: notes.toJSON(),
    stream: { ...stream },
  };
}

/** Adds what `now` has more than `before`; null: it is the first report. */
export function addLedgerCounts(ledger: Ledger, before: LedgerCounts | null, now: LedgerCounts): void {
  for (const name of NUMBERS) ledger[name] += now[name] - (before === null ? 0 : before[name]);
  for (const name of STREAM_BYTES) ledger.stream[name] += now.stream[name] - (before === null ? 0 : before.stream[name]);
  for (const name of NAMED) addNamed(ledger[name], before === null ? {} : before[name], now[name]);
  if (now.firstAt !== 0 && (ledger.firstAt === 0 || now.firstAt < ledger.firstAt)) ledger.firstAt = now.firstAt;
  if (now.lastAt > ledger.lastAt) ledger.lastAt = now.lastAt;
}

function addNamed(counters: Counters, before: Record<string, number>, now: Record<string, number>): void {
  for (const [name, count] of Object.entries(now)) if (count !== before[name]) counters.add(name, count - (before[name] ?? 0));
}
