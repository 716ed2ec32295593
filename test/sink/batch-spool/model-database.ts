/**
 * A database reduced to what exactly-once needs: tables of rows, and how far each stream is, changed together. It can be
 * slow, refuse, lose the reply to a COMMIT, refuse rows, and outlive the process that writes to it.
 */
import type { StoreBatch, StreamState, WriteOutcome } from '../../../src/lib/base/index.js';
import type { StreamStore } from '../../../src/lib/sink/batch-spool/index.js';

/** The outcome of a write: `lost` commits and reports failure, `late` commits and replies after the patience. */
export type Fate = 'prompt' | 'late' | 'unavailable' | 'lost';

export class ModelDatabase {
  /** Rows in the order of their COMMIT, and rows that it refused. */
  rows: number[] = [];
  refusedRows = new Set<number>();
  readonly sequences = new Map<string, number>();
  /** Fates of the next writes; `prompt` when there are none. */
  fates: Fate[] = [];
  away = false;
  /** Every row that this divides is refused; 0 is none. */
  refuses = 0;
  private waiting: (() => void)[] = [];

  /** Answers that are held back come now. */
  answer(): void {
    for (const resolve of this.waiting.splice(0)) resolve();
  }

  get held(): number {
    return this.waiting.length;
  }

  commit(batch: StoreBatch): WriteOutcome {
    const { streams, rows } = batch;
    const [{ stream, sequence }] = streams;
    const stored = this.sequences.get(stream) ?? 0;
    if (stored === sequence) return { outcome: 'known' };
    if (stored !== sequence - 1) return { outcome: 'conflict' };
    this.sequences.set(stream, sequence);
    const refused: { table: string; row: number; reason: string }[] = [];
    for (const { table, values, count } of rows)
      for (let row = 0; row < count; row++) {
        const number = values[row] as number;
        if (this.refuses > 0 && number % this.refuses === 0) refused.push({ table, row, reason: 'refused by the model' });
        else this.rows.push(number);
        if (refused.at(-1)?.row === row) this.refusedRows.add(number);
      }
    batch.beforeCommit?.(refused);
    return { outcome: 'stored', refused };
  }

  hold(): Promise<void> {
    return new Promise((resolve) => this.waiting.push(resolve));
  }
}

/** A connection of one process: it ends with that process, and remembers what it committed last, as ours do. */
export class ModelStore implements StreamStore {
  running = 0;
  private committed: { batch: StoreBatch; outcome: WriteOutcome } | null = null;
  private dead = false;

  constructor(private readonly database: ModelDatabase) {}

  async open(): Promise<void> {}

  async write(batch: StoreBatch): Promise<WriteOutcome> {
    if (++this.running > 1) throw new Error('two writes at the same time');
    try {
      return await this.answered(batch);
    } finally {
      this.running--;
    }
  }

  async close(): Promise<void> {}

  async streams(prefix: string): Promise<StreamState[]> {
    const sequence = this.database.sequences.get(prefix);
    return sequence === undefined ? [] : [{ stream: prefix, sequence, position: '' }];
  }

  async advance({ stream, sequence }: StreamState): Promise<void> {
    const { sequences } = this.database;
    if (!this.dead && !this.database.away) sequences.set(stream, Math.max(sequence, sequences.get(stream) ?? 0));
  }

  /** The process dies: what did not reach the database does not any more. */
  kill(): void {
    this.dead = true;
  }

  private async answered(batch: StoreBatch): Promise<WriteOutcome> {
    const { database } = this;
    await new Promise((resolve) => setImmediate(resolve));
    const fate = database.away ? 'unavailable' : (database.fates.shift() ?? 'prompt');
    if (this.dead || fate === 'unavailable') return { outcome: 'unavailable', reason: 'away' };
    let outcome = database.commit(batch);
    if (outcome.outcome === 'known' && this.committed?.batch === batch) outcome = this.committed.outcome;
    this.committed = { batch, outcome };
    if (fate === 'late') await database.hold();
    return fate === 'lost' ? { outcome: 'unavailable', reason: 'connection lost' } : outcome;
  }
}
