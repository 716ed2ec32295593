/** The database sink of a run: driver, batches, quarantine, and the stored positions of capture files. */
import { createHash, randomUUID } from 'node:crypto';
import type { Position, StreamState } from '../base/index.js';
import type { CaptureFiles } from '../capture/file/index.js';
import { BatchingSink } from '../sink/batch.js';
import { loadStore, type Store } from '../store/index.js';
import type { FilePosition } from './position-book.js';
import { Quarantine } from './quarantine.js';
import { MessageRows } from './row-maker.js';
import type { SinkOptions, Surroundings } from './run-options.js';

export interface DatabaseOptions {
  sinks: SinkOptions;
  around: Surroundings;
  /** Milliseconds after which an unavailable database is given up. */
  giveUpMs: number;
  /** Rows that may wait in memory. */
  mostRows: number;
}

const BATCH_ROWS = 1000;
const BATCH_BYTES = 4 * 1024 * 1024;
const AGE_MS = 250;

export class Database {
  readonly rows: MessageRows;
  private readonly sequences = new Map<string, number>();
  private made: BatchingSink | null = null;

  private constructor(private readonly store: Store, private readonly options: DatabaseOptions) {
    this.rows = new MessageRows(options.sinks);
  }

  static async open(options: DatabaseOptions): Promise<Database> {
    const store = await loadStore(options.sinks.db!);
    const database = new Database(store, options);
    await store.open();
    return database;
  }

  /** The sink; `positions` tells which streams moved, a live source's writer by default. */
  sink(positions: () => { stream: string; position: string }[] = liveStream()): BatchingSink {
    const { around, sinks, giveUpMs, mostRows } = this.options;
    const quarantine = new Quarantine(sinks.quarantine, around.log);
    this.made = new BatchingSink({
      name: 'database',
      driver: this.store,
      rows: this.rows,
      log: around.log,
      batchRows: BATCH_ROWS,
      batchBytes: BATCH_BYTES,
      ageMs: AGE_MS,
      mostRows,
      giveUpMs,
      positions,
      sequences: this.sequences,
      onRefused: (row, columns, values) => quarantine.add(row, columns, values),
    });
    return this.made;
  }

  /** True where rows could not be brought into the database. */
  get unreachable(): boolean {
    return this.made !== null && this.made.failure !== '';
  }

  /** For each file its stream and, unless everything is wanted again, the position to resume after. */
  async filePositions(files: CaptureFiles, settings: string, again: boolean): Promise<FilePosition[]> {
    const key = createHash('sha256').update(settings).digest('hex').slice(0, 16);
    const positions: FilePosition[] = [];
    for (const [index, head] of files.heads.entries()) {
      if (head === '') {
        positions.push({ stream: `${randomUUID()}`, resume: null });
        continue;
      }
      const prefix = `file:${key}:${head.slice(0, 32)}:`;
      const known = await this.store.streams(prefix);
      const parsed = known.map(({ position }) => JSON.parse(position) as Position);
      const at = known.length === 0 ? -1 : await files.matching(index, parsed);
      // Another file that merely begins alike is another stream.
      const stream = at >= 0 ? known[at].stream : `${prefix}${freeNumber(prefix, known)}`;
      if (at >= 0) this.sequences.set(stream, known[at].sequence);
      positions.push({ stream, resume: at >= 0 && !again ? parsed[at] : null });
    }
    return positions;
  }
}

function liveStream(): () => { stream: string; position: string }[] {
  const stream = `live:${randomUUID()}`;
  return () => [{ stream, position: '' }];
}

function freeNumber(prefix: string, known: readonly StreamState[]): number {
  const taken = new Set(known.map(({ stream }) => stream.slice(prefix.length)));
  let number = 1;
  while (taken.has(String(number))) number++;
  return number;
}
