/**
 * What outputs closed by a reload leave: to the summary and metrics, one line per name, however often it was closed, so
 * that counters by name never decrease (beyond a limit the oldest names share one); and to the outputs that take over their spools.
 */
import type { SpoolLegacy } from '../../sink/batch-spool/index.js';
import { openOutput, type Output, type OutputCounts, type OutputSpec } from './output.js';

const MAX_LINES = 32;
const EARLIER = closedName('earlier');

/** The backlog of a spool, and the line that counts it. */
interface Left {
  sink: string;
  waiting: number;
  database: SpoolLegacy | null;
}

export class ClosedOutputs {
  readonly counts: OutputCounts[] = [];
  /** By spool. */
  private readonly left = new Map<string, Left>();

  /** `last`: its line while it was open. */
  add(last: OutputCounts, output: Output): void {
    const sink = closedName(last.sink);
    const counts = { ...last, sink };
    const at = this.counts.findIndex((line) => line.sink === sink);
    if (at >= 0) this.counts[at] = joined(sink, this.counts[at], counts);
    else this.counts.push(counts);
    const database = output.database?.legacy ?? null;
    if (database !== null) this.left.set(output.holds[0], { sink, waiting: database.rows, database });
    for (const { spool, waiting } of spoolsOf(output)) this.left.set(spool, { sink, waiting, database: null });
    if (this.counts.length <= MAX_LINES) return;
    const [oldest, next] = this.counts.splice(0, 2);
    this.counts.unshift(joined(EARLIER, oldest, next));
  }

  /** Opens the output of a spec, which takes over the backlog of its spool. */
  async open(spec: OutputSpec): Promise<Output> {
    const output = await openOutput(spec, this.left.get(spec.holds[0])?.database);
    if (output.database !== undefined) this.transfer(spec.holds[0], Infinity, spec.name);
    for (const { spool, received } of spoolsOf(output)) this.transfer(spool, received, spec.name);
    return output;
  }

  /** Packets waiting undecoded in spools that were not taken over. */
  get undecodedPackets(): number {
    return [...this.left.values()].reduce((sum, { database }) => sum + (database?.packets ?? 0), 0);
  }

  private transfer(spool: string, found: number, to: string): void {
    const left = this.left.get(spool);
    if (left === undefined) return;
    this.left.delete(spool);
    const line = this.counts.find(({ sink }) => sink === left.sink) ?? this.counts.find(({ sink }) => sink === EARLIER);
    const rows = Math.min(left.waiting, found);
    if (line === undefined || rows === 0) return;
    line.counts.waiting -= rows;
    line.counts.transferred = (line.counts.transferred ?? 0) + rows;
    if (line.sink === closedName(to)) line.counts.retaken = (line.counts.retaken ?? 0) + rows;
  }
}

/** Of its line once it is closed. */
function closedName(output: string): string {
  return `${output} (closed)`;
}

/** The spools of targets; the successor's `received` includes what was left there. */
function spoolsOf({ relay, spool = '' }: Output): { spool: string; waiting: number; received: number }[] {
  if (relay === undefined || spool === '') return [];
  return relay.targets().map(({ target, waiting, received }) => ({ spool: `${spool} ${target}`, waiting, received }));
}

function joined(sink: string, a: OutputCounts, b: OutputCounts): OutputCounts {
  const sum = (name: 'delivered' | 'written' | 'refused' | 'waiting' | 'lost') => a.counts[name] + b.counts[name];
  const optional = (name: 'unconfirmed' | 'present' | 'transferred' | 'retaken') => {
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
      ...optional('transferred'),
      ...optional('retaken'),
      reasons,
    },
    additional: a.additional + b.additional,
  };
}
