/** The SQL dialect of ClickHouse, and of servers before 20.8, whose tables have neither codecs nor indexes. */
import { UsageError } from '../../base/index.js';
import type { Dialect, TableSize } from '../sql/dialect.js';
import { nameParts, tableText } from '../sql/names.js';
import type { Queries } from '../sql/queries.js';
import { CLICKHOUSE_NAMES, CLICKHOUSE_PLAIN_NAMES } from './names.js';
import { clickhousePartitions } from './partitions.js';

const SIZE = `SELECT sum(rows) AS row_count, sum(bytes_on_disk) AS bytes FROM system.parts WHERE active AND database = if(? = '', currentDatabase(), ?) AND table = ?`;

export const CLICKHOUSE: Dialect = {
  ...CLICKHOUSE_NAMES,
  begin: 'BEGIN',
  partitions: clickhousePartitions,
  steps: null,
  replacing: () => '',
  listTables: "SELECT name FROM system.tables WHERE database = currentDatabase() AND engine LIKE '%MergeTree' ORDER BY name",
  timeText: (name) => `toString(${name})`,
  timeValue: "toDateTime(?, 'UTC')",
  inlinesValues: true,
  contains: ({ sql }) => `position(${sql}, ?) > 0`,

  deleteOldest(text) {
    throw new UsageError(`rows of table ${text} cannot be deleted: it has no partitions by day`);
  },

  /** Without FINAL, rows that were written twice count twice until the server merges them. */
  async tableSize(queries: Queries, table: string, count: boolean, refresh: boolean): Promise<TableSize> {
    const [schema, name] = nameParts(table);
    const [size] = await queries.all(SIZE, [schema ?? '', schema ?? '', name]);
    const [counted] =
      count && !refresh ? await queries.all(`SELECT count() AS n FROM ${tableText(CLICKHOUSE_NAMES, table)} FINAL`, []) : [];
    return { rows: Number(counted?.n ?? size.row_count), exact: true, bytes: Number(size.bytes) };
  },

  /** NULL becomes the column's default when a row is written. */
  async makeNullable(): Promise<void> {},
};

export const CLICKHOUSE_PLAIN: Dialect = { ...CLICKHOUSE, ...CLICKHOUSE_PLAIN_NAMES };
