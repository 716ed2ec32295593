/** Partitions in ClickHouse: one a day, made by the server when rows need it. */
import type { PartitionWork, StoredPartition } from '../sql/partition.js';
import type { Queries } from '../sql/queries.js';
import { nameParts, tableText } from '../sql/names.js';
import { CLICKHOUSE_NAMES } from './names.js';

const DAY_SECONDS = 86_400;
const LIST = `SELECT partition AS name, sum(rows) AS row_count, sum(bytes_on_disk) AS bytes FROM system.parts
WHERE active AND database = if(? = '', currentDatabase(), ?) AND table = ? GROUP BY partition ORDER BY partition`;

export const clickhousePartitions: PartitionWork = {
  completion: '',
  always: 'day',

  async partitioned(): Promise<boolean> {
    return true;
  },

  async list(queries: Queries, table: string): Promise<StoredPartition[]> {
    const [schema, name] = nameParts(table);
    const rows = await queries.all(LIST, [schema ?? '', schema ?? '', name]);
    return rows.map(({ name: day, row_count: count, bytes }) => {
      const text = String(day).replace(/[^\d]/g, '');
      const from = Date.parse(`${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6, 8)}T00:00:00Z`) / 1000;
      return {
        name: `p${text}`,
        until: Number.isNaN(from) ? Infinity : from + DAY_SECONDS,
        rows: Number(count),
        bytes: Number(bytes),
      };
    });
  },

  async make(): Promise<void> {},

  rowsText(table: string, name: string): string {
    return `(SELECT 1 AS one FROM ${tableText(CLICKHOUSE_NAMES, table)} WHERE toDate(date) = '${dayOf(name)}')`;
  },

  async drop(queries: Queries, table: string, name: string): Promise<void> {
    await queries.execute(`ALTER TABLE ${tableText(CLICKHOUSE_NAMES, table)} DROP PARTITION '${dayOf(name)}'`);
  },
};

/** `2023-11-14` of `p20231114`. */
function dayOf(name: string): string {
  return `${name.slice(1, 5)}-${name.slice(5, 7)}-${name.slice(7, 9)}`;
}
