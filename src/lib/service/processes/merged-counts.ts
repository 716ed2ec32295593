/** The counters of outputs and inputs of several processes as those of one. */
import type { SinkCounts } from '../../base/index.js';
import type { InputStatus } from '../../pipeline/input-monitor.js';
import type { FailingTable, OutputDepth, OutputState } from '../../pipeline/output/output-states.js';
import type { OutputCounts } from '../../pipeline/output/output.js';
import type { InputSummary } from '../../pipeline/summary.js';
import type { TargetCounts } from '../../sink/relay/index.js';
import type { ProcessReport } from './protocol.js';

export function mergedSinks(all: readonly OutputCounts[]): OutputCounts[] {
  return merged(
    all,
    ({ sink }) => sink,
    (a, b) => ({ sink: a.sink, counts: sumOf(a.counts, b.counts), additional: a.additional + b.additional }),
  );
}

export function mergedInputs(all: readonly InputSummary[]): InputSummary[] {
  return merged(
    all,
    ({ name }) => name,
    (a, b) => ({ name: a.name, packets: a.packets + b.packets, bytes: a.bytes + b.bytes, problem: a.problem || b.problem }),
  );
}

export function mergedDepths(all: readonly OutputDepth[]): OutputDepth[] {
  return merged(
    all,
    ({ sink }) => sink,
    (a, b) => ({ sink: a.sink, memory: a.memory + b.memory, spool: a.spool + b.spool }),
  );
}

/** An output is down while it is for one of them. */
export function mergedStates(all: readonly OutputState[]): OutputState[] {
  return merged(
    all,
    ({ output }) => output,
    (a, b) => ({ output: a.output, problem: a.problem || b.problem }),
  );
}

export function mergedFailing(all: readonly FailingTable[]): FailingTable[] {
  return merged(
    all,
    ({ output, table }) => `${output} ${table}`,
    (a) => a,
  );
}

export function mergedTargets(all: readonly TargetCounts[]): TargetCounts[] {
  return merged(
    all,
    ({ target }) => target,
    (a, b) => ({
      ...(addNumbers({ ...a }, b) as TargetCounts),
      up: a.up && b.up,
      lastError: a.lastError || b.lastError,
      reasons: addNumbers({ ...a.reasons }, b.reasons) as Record<string, number>,
    }),
  );
}

export function mergedStatus(all: readonly InputStatus[]): InputStatus[] {
  return merged(
    all,
    ({ name }) => name,
    (a, b) => ({
      name: a.name,
      problem: a.problem || b.problem,
      lastPacketAt: Math.max(a.lastPacketAt, b.lastPacketAt),
      isSilent: a.isSilent && b.isSilent,
    }),
  );
}

export function mergedNumbers(all: readonly Record<string, number>[]): Record<string, number> {
  return all.reduce<Record<string, number>>((sum, each) => addNumbers(sum, each) as Record<string, number>, {});
}

/**
 * The counts of a process that has ended. What it kept in a spool still waits there; where it died, what it had in memory
 * when it last reported counts as lost, although it may have been written, or may be sent again by those that sent it.
 */
export function countsAtEnd({ sinks, depths }: ProcessReport, hasDied: boolean): OutputCounts[] {
  if (!hasDied) return sinks;
  return sinks.map(({ sink, counts, additional }) => {
    const spooled = Math.min(depths.find((depth) => depth.sink === sink)?.spool ?? 0, counts.waiting);
    const gone = counts.waiting - spooled;
    if (gone === 0) return { sink, counts, additional };
    const reasons = { ...counts.reasons, process_died: (counts.reasons.process_died ?? 0) + gone };
    return { sink, counts: { ...counts, waiting: spooled, lost: counts.lost + gone, reasons }, additional };
  });
}

/** What waits is counted by the process that took over the spool. */
export function handedOver({ sink, counts, additional }: OutputCounts): OutputCounts {
  const { waiting, transferred = 0, retaken = 0 } = counts;
  if (waiting === 0) return { sink, counts, additional };
  return { sink, counts: { ...counts, waiting: 0, transferred: transferred + waiting, retaken: retaken + waiting }, additional };
}

function sumOf(a: SinkCounts, b: SinkCounts): SinkCounts {
  const sum = addNumbers({ ...a }, b) as unknown as SinkCounts;
  sum.reasons = addNumbers({ ...a.reasons }, b.reasons) as Record<string, number>;
  const shards = Object.entries(b.shards ?? {});
  if (shards.length > 0) {
    sum.shards = { ...a.shards };
    for (const [shard, counts] of shards) sum.shards[shard] = sum.shards[shard] === undefined ? counts : sumOf(sum.shards[shard], counts);
  }
  return sum;
}

/** Adds the numbers among the members of `b`. */
function addNumbers(a: object, b: object): object {
  const sum = a as Record<string, unknown>;
  for (const [name, value] of Object.entries(b))
    if (typeof value === 'number') sum[name] = ((sum[name] as number | undefined) ?? 0) + value;
    else if (!(name in sum)) sum[name] = value;
  return sum;
}

function merged<T>(all: readonly T[], keyOf: (one: T) => string, add: (a: T, b: T) => T): T[] {
  const found = new Map<string, T>();
  for (const one of all) {
    const key = keyOf(one);
    const known = found.get(key);
    found.set(key, known === undefined ? one : add(known, one));
  }
  return [...found.values()];
}
