/** The SQL dialect of MySQL and MariaDB. */
import type { Dialect, TableSize } from '../sql/dialect.js';
import { nameParts, tableText } from '../sql/names.js';
import type { Queries } from '../sql/queries.js';
import { MYSQL_NAMES } from './names.js';
import { mysqlPartitions } from './partitions.js';

const SIZE = `SELECT coalesce(table_rows, 0) AS estimate, coalesce(data_length + index_length, 0) AS bytes FROM information_schema.tables
WHERE table_schema = coalesce(?, database()) AND table_name = ?`;
const TYPES = `SELECT column_name AS name, data_type AS type, column_type AS full_type, collation_name AS collation_used FROM information_schema.columns
WHERE table_schema = coalesce(?, database()) AND table_name = ?`;

export const MYSQL: Dialect = {
  ...MYSQL_NAMES,
  begin: 'START TRANSACTION',
  partitions: mysqlPartitions,
  steps: null,
  replacing: (_key, others) => `ON DUPLICATE KEY UPDATE ${others.map((name) => `${name} = VALUES(${name})`).join(', ')}`,
  listTables:
    "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = database() AND table_type = 'BASE TABLE' ORDER BY name",
  deleteOldest: (text, time, rows) => `DELETE FROM ${text} ORDER BY ${time} LIMIT ${rows}`,

  async tableSize(queries: Queries, table: string, count: boolean, refresh: boolean): Promise<TableSize> {
    const text = tableText(MYSQL_NAMES, table);
    // Without it these figures may lag by a tenth of the table.
    if (count && refresh) await queries.execute(`ANALYZE TABLE ${text}`);
    const [{ estimate, bytes }] = await queries.all(SIZE, nameParts(table));
    const rows = count ? (await queries.all(`SELECT count(*) AS n FROM ${text}`, []))[0].n : estimate;
    return { rows: Number(rows), exact: count, bytes: Number(bytes) };
  },

  /** MODIFY repeats the column's type and collation; BLOB and TEXT have no default but NULL. */
  async makeNullable(queries: Queries, table: string, columns: readonly string[]): Promise<void> {
    const changes: string[] = [];
    for (const { name, type, full_type: fullType, collation_used: collation } of await queries.all(TYPES, nameParts(table))) {
      if (!columns.includes(String(name))) continue;
      const long = /blob|text/i.test(String(type));
      const given = long ? 'NULL' : collation === null ? '0' : "''";
      const collated = collation === null ? '' : ` COLLATE ${String(collation)}`;
      changes.push(`MODIFY ${MYSQL_NAMES.quote(String(name))} ${String(fullType)}${collated} NULL DEFAULT ${given}`);
    }
    await queries.execute(`ALTER TABLE ${tableText(MYSQL_NAMES, table)} ${changes.join(', ')}`);
  },
};
