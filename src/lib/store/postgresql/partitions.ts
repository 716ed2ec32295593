/** Partitions in PostgreSQL: tables of their own, attached for one period each; the default one takes all else. */
import { definition } from '../sql/definitions.js';
import { POSTGRESQL, tableText } from '../sql/dialect.js';
import type { PartitionWork, StoredPartition } from '../sql/partition.js';
import { timeText, type Period } from '../period.js';
import type { Session } from '../sql/session.js';

const LIST = `SELECT c.relname AS name, pg_get_expr(c.relpartbound, c.oid) AS bound, c.reltuples AS row_count, pg_total_relation_size(c.oid) AS bytes
FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = to_regclass(?)`;

export const postgresqlPartitions: PartitionWork = {
  async list(session: Session, table: string): Promise<StoredPartition[]> {
    const rows = await session.all(LIST, [tableText(POSTGRESQL, table)]);
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

  async make(session: Session, table: string, time: string, { name, from, until }: Period): Promise<void> {
    const partition = `${table}_${name}`;
    if ((await session.columns(partition)).length > 0) return;
    const statements = await definition('postgresql', 'partition', {
      table: tableText(POSTGRESQL, table),
      partition: tableText(POSTGRESQL, partition),
      default: tableText(POSTGRESQL, `${table}_default`),
      time,
      from: `${timeText(from)}+00`,
      until: `${timeText(until)}+00`,
    });
    await session.execute('BEGIN');
    try {
      await session.execute(statements);
      await session.execute('COMMIT');
    } catch (error) {
      await session.execute('ROLLBACK').catch(() => {});
      throw error;
    }
  },

  rowsText(table: string, name: string): string {
    // A partition stands in the schema of its table.
    return tableText(POSTGRESQL, table.slice(0, table.lastIndexOf('.') + 1) + name);
  },

  async drop(session: Session, table: string, name: string): Promise<void> {
    await session.execute(`DROP TABLE ${this.rowsText(table, name)}`);
  },
};
