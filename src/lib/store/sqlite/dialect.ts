/** The SQL dialect of SQLite. */
import { onConflict, type Dialect, type TableSize } from '../sql/dialect.js';
import { doubleQuoted, tableText, type Naming } from '../sql/names.js';
import type { Queries } from '../sql/queries.js';

export const SQLITE_NAMES: Naming = { folder: 'sqlite', quote: doubleQuoted, schemas: false, longestName: 0 };

export const SQLITE: Dialect = {
  ...SQLITE_NAMES,
  begin: 'BEGIN IMMEDIATE',
  partitions: null,
  steps: null,
  replacing: onConflict,
  listTables: "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name",
  deleteOldest: (text, time, rows) => `DELETE FROM ${text} WHERE rowid IN (SELECT rowid FROM ${text} ORDER BY ${time} LIMIT ${rows})`,

  async tableSize(queries: Queries, table: string): Promise<TableSize> {
    const [{ n }] = await queries.all(`SELECT count(*) AS n FROM ${tableText(SQLITE_NAMES, table)}`, []);
    return { rows: Number(n), exact: true, bytes: await bytesOf(queries, table) };
  },

  /** SQLite cannot drop a NOT NULL: the table is rebuilt from its own definition, with all its columns, indexes and triggers. */
  async makeNullable(queries: Queries, table: string, columns: readonly string[]): Promise<void> {
    const old = tableText(SQLITE_NAMES, table);
    const copy = tableText(SQLITE_NAMES, `${table}_sipcap_migration`);
    await queries.execute('BEGIN IMMEDIATE');
    try {
      const [{ sql }] = await queries.all("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?", [table]);
      const others = await queries.all("SELECT sql FROM sqlite_master WHERE type <> 'table' AND tbl_name = ? AND sql IS NOT NULL", [table]);
      const text = String(sql);
      let definition = text.slice(text.indexOf('('));
      for (const column of columns)
        definition = definition.replace(new RegExp(`([(,]\\s*["\`[]?${column}["\`\\]]?\\s+\\w+)\\s+NOT\\s+NULL`, 'i'), '$1');
      await queries.execute(`CREATE TABLE ${copy} ${definition}`);
      const names = (await queries.columns(table)).map(({ name }) => doubleQuoted(name)).join(', ');
      await queries.execute(`INSERT INTO ${copy} (${names}) SELECT ${names} FROM ${old}`);
      await queries.execute(`DROP TABLE ${old}`);
      await queries.execute(`ALTER TABLE ${copy} RENAME TO ${old}`);
      for (const other of others) await queries.execute(String(other.sql));
      await queries.execute('COMMIT');
    } catch (error) {
      await queries.execute('ROLLBACK').catch(() => {});
      throw error;
    }
  },
};

/** The table's pages and its indexes'; if this SQLite cannot report it, all pages in use. */
async function bytesOf(queries: Queries, table: string): Promise<number> {
  try {
    const [{ bytes }] = await queries.all(
      'SELECT coalesce(sum(pgsize), 0) AS bytes FROM dbstat WHERE aggregate = TRUE AND name IN (SELECT name FROM sqlite_master WHERE tbl_name = ?)',
      [table],
    );
    return Number(bytes);
  } catch {
    const [{ bytes }] = await queries.all(
      'SELECT (pages.page_count - free.freelist_count) * size.page_size AS bytes FROM pragma_page_count pages, pragma_freelist_count free, pragma_page_size size',
      [],
    );
    return Number(bytes);
  }
}
