/** The shards of a database as one store for rows that are there as values: each goes to the shard of its call. */
import type { RefusedRow, StoreBatch, StreamState, TableRows, WriteOutcome } from '../../base/index.js';
import { streamsOfAll } from '../../pipeline/output/sharded-streams.js';
import { rowsOfRefused, valuesOfRow } from '../../sink/batch/refused-rows.js';
import { shardOf } from '../../sink/batch/sharded-sink.js';
import { loadShards, type Store, type StoreOptions } from '../../store/index.js';

/** What keeps the rows of a call together; the first of them that a row has. */
const KEYS = ['callid', 'transaction_id', 'correlation_id'];

/** Rows of one shard, and their places among all of them. */
interface Part {
  rows: TableRows;
  places: number[];
}

export class ShardedRows {
  private constructor(private readonly stores: readonly Store[]) {}

  static async load(url: string, options: Partial<StoreOptions>): Promise<ShardedRows> {
    return new ShardedRows(await loadShards(url, options));
  }

  async open(): Promise<void> {
    for (const store of this.stores) await store.open();
  }

  async close(): Promise<void> {
    for (const store of this.stores) await store.close();
  }

  /** Those that all shards have, at the position that all of them have reached. */
  streams(prefix: string): Promise<StreamState[]> {
    return this.stores.length === 1 ? this.stores[0].streams(prefix) : streamsOfAll(this.stores).streams(prefix);
  }

  /** One shard after the other: a batch that did not reach all of them is written again, to all. */
  async write(batch: StoreBatch): Promise<WriteOutcome> {
    const { stores } = this;
    if (stores.length === 1) return stores[0].write(batch);
    const refused: RefusedRow[][] = stores.map(() => []);
    const parts = batch.rows.map((rows) => partsOf(rows, stores.length));
    for (const [shard, store] of stores.entries()) {
      const own = parts.map((each) => each[shard]).filter(({ rows }) => rows.count > 0);
      const places = new Map(own.map((part) => [part.rows, part.places]));
      const rows = [...places.keys()];
      const outcome = await store.write({
        rows,
        streams: batch.streams,
        beforeCommit: (found) => {
          refused[shard] = found.map((row) => ({ ...row, row: places.get(rowsOfRefused(rows, row))![row.row] }));
          batch.beforeCommit?.(refused.flat());
        },
      });
      if (outcome.outcome !== 'stored' && outcome.outcome !== 'known') return outcome;
    }
    return { outcome: 'stored', refused: refused.flat() };
  }
}

function partsOf(rows: TableRows, shards: number): Part[] {
  const { table, columns } = rows;
  const parts = Array.from({ length: shards }, (): Part => ({ rows: { table, columns, values: [], count: 0 }, places: [] }));
  const key = columns.indexOf(KEYS.find((name) => columns.includes(name)) ?? '');
  for (let row = 0; row < rows.count; row++) {
    const values = valuesOfRow(rows, row);
    const part = parts[shardOf(String(values[key] ?? ''), shards)];
    part.rows.values.push(...values);
    part.rows.count++;
    part.places.push(row);
  }
  return parts;
}
