/** Rows and bytes of a table, as each database tells them. Bytes count what holds rows: deleting shrinks no file. */
import { tableText } from './dialect.js';
import type { Session } from './session.js';

export interface TableSize {
  rows: number;
  exact: boolean;
  bytes: number;
}

/** Of PostgreSQL's files we take so many rows as a sample for the size of all that live. */
const SAMPLE_ROWS = 1000;

export async function tableSize(session: Session, table: string, count: boolean): Promise<TableSize> {
  const text = tableText(session.dialect, table);
  const counted = async () => Number((await session.all(`SELECT count(*) AS n FROM ${text}`, []))[0].n);
  switch (session.dialect.kind) {
    case 'sqlite':
      return { rows: await counted(), exact: true, bytes: await sqliteBytes(session, table) };
    case 'mysql': {
      const dot = table.indexOf('.');
      // Else these figures are as old as the last tenth of the table.
      if (count) await session.execute(`ANALYZE TABLE ${text}`);
      const [row] = await session.all(
        'SELECT coalesce(table_rows, 0) AS estimate, coalesce(data_length + index_length, 0) AS bytes FROM information_schema.tables WHERE table_schema = coalesce(?, database()) AND table_name = ?',
        dot < 0 ? [null, table] : [table.slice(0, dot), table.slice(dot + 1)],
      );
      return { rows: count ? await counted() : Number(row.estimate), exact: count, bytes: Number(row.bytes) };
    }
    case 'postgresql': {
      const rows = count ? await counted() : await estimated(session, text);
      const [{ row_bytes: rowBytes }] = await session.all(
        `SELECT coalesce(avg(pg_column_size(t.*) + 28), 0) AS row_bytes FROM (SELECT * FROM ${text} LIMIT ${SAMPLE_ROWS}) t`,
        [],
      );
      const [{ indexes }] = await session.all(
        'SELECT coalesce(sum(pg_indexes_size(relid)), 0) AS indexes FROM pg_partition_tree(to_regclass(?))',
        [text],
      );
      return { rows, exact: count, bytes: Math.round(rows * Number(rowBytes)) + Number(indexes) };
    }
  }
}

async function estimated(session: Session, text: string): Promise<number> {
  const [{ estimate }] = await session.all(
    'SELECT coalesce(sum(greatest(c.reltuples, 0)), 0) AS estimate FROM pg_partition_tree(to_regclass(?)) p JOIN pg_class c ON c.oid = p.relid WHERE p.isleaf',
    [text],
  );
  return Number(estimate);
}

/** The table's pages and its indexes'; where this SQLite cannot tell, all pages in use. */
async function sqliteBytes(session: Session, table: string): Promise<number> {
  try {
    const [{ bytes }] = await session.all(
      'SELECT coalesce(sum(pgsize), 0) AS bytes FROM dbstat WHERE aggregate = TRUE AND name IN (SELECT name FROM sqlite_master WHERE tbl_name = ?)',
      [table],
    );
    return Number(bytes);
  } catch {
    const [{ bytes }] = await session.all(
      'SELECT (pages.page_count - free.freelist_count) * size.page_size AS bytes FROM pragma_page_count pages, pragma_freelist_count free, pragma_page_size size',
      [],
    );
    return Number(bytes);
  }
}
