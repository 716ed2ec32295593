/** Partitions in PostgreSQL: tables of their own, attached for one period each; the default one takes everything else. */
import { definition } from '../sql/definitions.js';
import { tableText } from '../sql/names.js';
import { POSTGRESQL_NAMES } from './names.js';
import type { PartitionWork, StoredPartition } from '../sql/partition.js';
import { timeText, type Period } from '../period.js';
import type { Queries } from '../sql/queries.js';

const LIST = `SELECT c.relname AS name, pg_get_expr(c.relpartbound, c.oid) AS bound, c.reltuples AS row_count, pg_total_relation_size(c.oid) AS bytes
FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = to_regclass(?)`;

export const postgresqlPartitions: PartitionWork = {
  completion: 'default-partition',

  async partitioned(queries: Queries, table: string): Promise<boolean> {
    const [row] = await queries.all("SELECT relkind = 'p' AS yes FROM pg_class WHERE oid = to_regclass(?)", [
      tableText(POSTGRESQL_NAMES, table),
    ]);
    return row?.yes === true;
  },

  async list(queries: Queries, table: string): Promise<StoredPartition[]> {
    const rows = await queries.all(LIST, [tableText(POSTGRESQL_NAMES, table)]);
    const partitions = rows.map(({ name, bound, row_count: count, bytes }) => {
      // FOR VALUES FROM ('2023-11-14 00:00:00+00') TO ('2023-11-15 00:00:00+00'), or DEFAULT.
      const end = /TO \('(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)\+00'\)/.exec(String(bound));
      return {
        name: String(name),
        until: end === null ? Infinity : Date.parse(`${end[1]}T${end[2]}Z`) / 1000,
        rows: Math.max(Number(count), 0),
        bytes: Number(bytes),
      };
    });
    return partitions.sort((a, b) => (a.until < b.until ? -1 : 1));
  },

  async make(queries: Queries, table: string, time: string, { name, from, until }: Period): Promise<void> {
    const partition = `${table}_${name}`;
    if ((await queries.columns(partition)).length > 0) return;
    const statements = await definition(POSTGRESQL_NAMES.folder, 'partition', {
      table: tableText(POSTGRESQL_NAMES, table),
      partition: tableText(POSTGRESQL_NAMES, partition),
      default: tableText(POSTGRESQL_NAMES, `${table}_default`),
      time,
      from: `${timeText(from)}+00`,
      until: `${timeText(until)}+00`,
    });
    await queries.execute('BEGIN');
    try {
      await queries.execute(statements);
      await queries.execute('COMMIT');
    } catch (error) {
      await queries.execute('ROLLBACK').catch(() => {});
      throw error;
    }
  },

  rowsText(table: string, name: string): string {
    // A partition is in the schema of its table.
    return tableText(POSTGRESQL_NAMES, table.slice(0, table.lastIndexOf('.') + 1) + name);
  },

  async drop(queries: Queries, table: string, name: string): Promise<void> {
    await queries.execute(`DROP TABLE ${this.rowsText(table, name)}`);
  },
};
