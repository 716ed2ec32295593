/** Partitions in MySQL and MariaDB: RANGE (UNIX_TIMESTAMP(date)), each split off the one that holds its time. */
import { definition } from '../sql/definitions.js';
import { MYSQL, tableText } from '../sql/dialect.js';
import type { PartitionWork, StoredPartition } from '../sql/partition.js';
import type { Period } from '../period.js';
import type { Session } from '../sql/session.js';

const LIST = `SELECT partition_name AS name, partition_description AS until, table_rows AS row_count, data_length + index_length AS bytes
FROM information_schema.partitions WHERE table_schema = coalesce(?, database()) AND table_name = ? AND partition_name IS NOT NULL ORDER BY partition_ordinal_position`;

export const mysqlPartitions: PartitionWork = {
  async list(session: Session, table: string): Promise<StoredPartition[]> {
    const dot = table.indexOf('.');
    const rows = await session.all(LIST, dot < 0 ? [null, table] : [table.slice(0, dot), table.slice(dot + 1)]);
    return rows.map(({ name, until, row_count: count, bytes }) => ({
      name: String(name),
      until: until === 'MAXVALUE' ? Infinity : Number(until),
      rows: Number(count),
      bytes: Number(bytes),
    }));
  },

  async make(session: Session, table: string, _time: string, { name, until }: Period): Promise<void> {
    const partitions = await this.list(session, table);
    const holder = partitions.find((partition) => partition.until >= until);
    // One that ends there already holds the period, perhaps with earlier ones.
    if (holder === undefined || holder.until === until) return;
    await session.execute(
      await definition('mysql', 'partition', {
        table: tableText(MYSQL, table),
        partition: name,
        holder: MYSQL.quote(holder.name),
        until: String(until),
        bound: holder.until === Infinity ? 'MAXVALUE' : `(${holder.until})`,
      }),
    );
  },

  rowsText(table: string, name: string): string {
    return `${tableText(MYSQL, table)} PARTITION (${MYSQL.quote(name)})`;
  },

  async drop(session: Session, table: string, name: string): Promise<void> {
    await session.execute(`ALTER TABLE ${tableText(MYSQL, table)} DROP PARTITION ${MYSQL.quote(name)}`);
  },
};
