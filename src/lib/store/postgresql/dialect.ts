/** The SQL dialect of PostgreSQL. */
import { onConflict, type Dialect, type TableSize } from '../sql/dialect.js';
import { tableText } from '../sql/names.js';
import type { Queries } from '../sql/queries.js';
import { POSTGRESQL_NAMES } from './names.js';
import { postgresqlPartitions } from './partitions.js';
import { postgresqlSteps } from './homer7-partitions.js';

/** Rows sampled to estimate the total size. */
const SAMPLE_ROWS = 1000;
/** A table of at most this many bytes is counted: that is fast. */
const COUNTED_BYTES = 16 * 1024 * 1024;
/** The table itself or its partitions: pg_partition_tree() is empty for a table without partitions. */
const LEAVES = `SELECT c.oid, c.reltuples, pg_relation_size(c.oid) AS heap, pg_indexes_size(c.oid) AS indexes FROM pg_class c
WHERE c.oid = to_regclass(?) OR c.oid IN (SELECT relid FROM pg_partition_tree(to_regclass(?)))`;

export const POSTGRESQL: Dialect = {
  ...POSTGRESQL_NAMES,
  begin: 'BEGIN',
  partitions: postgresqlPartitions,
  steps: postgresqlSteps,
  replacing: onConflict,
  listTables:
    "SELECT relname AS name FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition AND pg_table_is_visible(oid) ORDER BY relname",
  contains: ({ sql, kind }) => (kind === 'text' ? `strpos(${sql}, ?) > 0` : kind === 'bytes' ? `position(?::bytea IN ${sql}) > 0` : null),
  deleteOldest: (text, time, rows) =>
    `DELETE FROM ${text} WHERE ctid = ANY (ARRAY(SELECT ctid FROM ${text} ORDER BY ${time} LIMIT ${rows}))`,

  async tableSize(queries: Queries, table: string, count: boolean): Promise<TableSize> {
    const text = tableText(POSTGRESQL_NAMES, table);
    const [{ heap, indexes, analyzed, tuples }] = await queries.all(
      `SELECT sum(heap) AS heap, sum(indexes) AS indexes, bool_and(reltuples >= 0 OR heap = 0) AS analyzed, sum(greatest(reltuples, 0)) AS tuples FROM (${LEAVES}) leaves`,
      [text, text],
    );
    const [{ row_bytes: rowBytes }] = await queries.all(
      `SELECT coalesce(avg(pg_column_size(t.*) + 28), 0) AS row_bytes FROM (SELECT * FROM ${text} LIMIT ${SAMPLE_ROWS}) t`,
      [],
    );
    const exact = count || Number(heap) <= COUNTED_BYTES;
    let rows = Number(tuples);
    if (exact) rows = Number((await queries.all(`SELECT count(*) AS n FROM ${text}`, []))[0].n);
    // Never analyzed: by a sample of the table's pages.
    else if (analyzed !== true) rows = await sampledRows(queries, text, Number(heap));
    return { rows, exact, bytes: Math.round(rows * Number(rowBytes)) + Number(indexes) };
  },

  async makeNullable(queries: Queries, table: string, columns: readonly string[], time: string): Promise<void> {
    const changes = columns.map((name) => `ALTER COLUMN ${POSTGRESQL_NAMES.quote(name)} DROP NOT NULL`);
    changes.push(`ALTER COLUMN ${POSTGRESQL_NAMES.quote(time)} SET DEFAULT CURRENT_TIMESTAMP`);
    await queries.execute(`ALTER TABLE ${tableText(POSTGRESQL_NAMES, table)} ${changes.join(', ')}`);
  },
};

async function sampledRows(queries: Queries, text: string, heap: number): Promise<number> {
  const percent = Math.min(100, Math.max((COUNTED_BYTES / heap) * 100, 0.001));
  const [{ n }] = await queries.all(`SELECT count(*) AS n FROM ${text} TABLESAMPLE SYSTEM (${percent.toFixed(4)})`, []);
  return Math.round((Number(n) * 100) / percent);
}
