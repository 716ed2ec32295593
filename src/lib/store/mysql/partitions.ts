/** Partitions in MySQL and MariaDB: RANGE (UNIX_TIMESTAMP(date)), each split off the one that holds its time. */
import { definition } from '../sql/definitions.js';
import { nameParts, tableText } from '../sql/names.js';
import { MYSQL_NAMES } from './names.js';
import type { PartitionWork, StoredPartition } from '../sql/partition.js';
import type { Period } from '../period.js';
import type { Queries } from '../sql/queries.js';

const LIST = `SELECT partition_name AS name, partition_description AS until, table_rows AS row_count, data_length + index_length AS bytes
FROM information_schema.partitions WHERE table_schema = coalesce(?, database()) AND table_name = ? AND partition_name IS NOT NULL ORDER BY partition_ordinal_position`;

export const mysqlPartitions: PartitionWork = {
  completion: '',

  async partitioned(queries: Queries, table: string): Promise<boolean> {
    return (await this.list(queries, table)).length > 0;
  },

  async list(queries: Queries, table: string): Promise<StoredPartition[]> {
    const rows = await queries.all(LIST, nameParts(table));
    return rows.map(({ name, until, row_count: count, bytes }) => ({
      name: String(name),
      until: until === 'MAXVALUE' ? Infinity : Number(until),
      rows: Number(count),
      bytes: Number(bytes),
    }));
  },

  async make(queries: Queries, table: string, _time: string, { name, until }: Period): Promise<void> {
    const partitions = await this.list(queries, table);
    const holder = partitions.find((partition) => partition.until >= until);
    // One that ends there already holds the period, perhaps with earlier ones.
    if (holder === undefined || holder.until === until) return;
    await queries.execute(
      await definition(MYSQL_NAMES.folder, 'partition', {
        table: tableText(MYSQL_NAMES, table),
        partition: name,
        holder: MYSQL_NAMES.quote(holder.name),
        until: String(until),
        bound: holder.until === Infinity ? 'MAXVALUE' : `(${holder.until})`,
      }),
    );
  },

  rowsText(table: string, name: string): string {
    return `${tableText(MYSQL_NAMES, table)} PARTITION (${MYSQL_NAMES.quote(name)})`;
  },

  async drop(queries: Queries, table: string, name: string): Promise<void> {
    await queries.execute(`ALTER TABLE ${tableText(MYSQL_NAMES, table)} DROP PARTITION ${MYSQL_NAMES.quote(name)}`);
  },
};
