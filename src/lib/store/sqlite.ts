/**
 * SQLite through the sqlite3 package: prepared statements of many rows, one transaction a batch, write-ahead log.
 * A statement that is refused undoes itself alone; its rows are tried again in halves until the bad one is found.
 */
import sqlite3 from 'sqlite3';
import { UnreachableError, type ColumnValue, type RefusedRow, type StoreBatch, type StreamState, type TableRows, type WriteOutcome } from '../base/index.js';
import { booksDefinition, tableDefinition, type TableShape } from './definitions.js';
import { shapeOf } from './shape-of.js';
import { SqliteConnection } from './sqlite-connection.js';
import { moveStreams } from './sqlite-streams.js';
import type { Store } from './store.js';

/** Rows of one statement: beyond this binding costs more than it saves. */
const STATEMENT_ROWS = 100;
/** SQLite's limit on bound parameters of one statement. */
const MOST_PARAMETERS = 32_766;

/** What of a batch's columns a table has, and the statements for it. */
interface Target {
  columns: readonly string[];
  /** Places of these columns in a row of the batch; null where the table has them all. */
  places: number[] | null;
  statements: Map<number, sqlite3.Statement>;
}

export class SqliteStore implements Store {
  private connection: SqliteConnection | null = null;
  private readonly targets = new Map<string, Target>();

  constructor(private readonly path: string) {}

  async open(): Promise<void> {
    try {
      this.connection = await SqliteConnection.open(this.path);
      await this.connection.execute(await booksDefinition('sqlite'));
    } catch (error) {
      await this.connection?.close().catch(() => {});
      throw new UnreachableError(`cannot open the database ${this.path}: ${(error as Error).message}`);
    }
  }

  async streams(prefix: string): Promise<StreamState[]> {
    const rows = await this.db.all('SELECT stream, sequence, position FROM sipcap_position WHERE substr(stream, 1, ?) = ?', [prefix.length, prefix]);
    return rows as unknown as StreamState[];
  }

  async hasTable(table: string): Promise<boolean> {
    return (await this.columnNames(table)).size > 0;
  }

  async makeTable(shape: TableShape, table: string): Promise<void> {
    await this.db.execute(await tableDefinition('sqlite', shape, table));
  }

  async write(batch: StoreBatch): Promise<WriteOutcome> {
    const { db } = this;
    let begun = false;
    try {
      for (const rows of batch.rows) await this.target(rows);
      await db.execute('BEGIN IMMEDIATE');
      begun = true;
      // One after the other: what follows a fatal error (SQLite may have rolled back by itself) must not run.
      const refused: RefusedRow[] = [];
      for (const rows of batch.rows) await this.insertAll(rows, refused);
      const verdict = await moveStreams(db, batch.streams);
      if (verdict !== 'moved') {
        await db.execute('ROLLBACK');
        return { outcome: verdict };
      }
      await db.execute('COMMIT');
      return { outcome: 'stored', refused };
    } catch (error) {
      if (begun) await db.execute('ROLLBACK').catch(() => {});
      return { outcome: 'unavailable', reason: (error as Error).message };
    }
  }

  async close(): Promise<void> {
    for (const target of this.targets.values()) for (const statement of target.statements.values()) await finalized(statement);
    this.targets.clear();
    await this.connection?.close();
    this.connection = null;
  }

  private get db(): SqliteConnection {
    if (this.connection === null) throw new UnreachableError(`the database ${this.path} is not open`);
    return this.connection;
  }

  /** Looks once at what columns the table has; makes it where it is missing. */
  private async target(rows: TableRows): Promise<Target> {
    const known = this.targets.get(rows.table);
    if (known !== undefined) return known;
    let names = await this.columnNames(rows.table);
    if (names.size === 0) {
      await this.makeTable(shapeOf(rows.columns), rows.table);
      names = await this.columnNames(rows.table);
    }
    const columns = rows.columns.filter((column) => names.has(column.toLowerCase()));
    const places = columns.length === rows.columns.length ? null : columns.map((column) => rows.columns.indexOf(column));
    const target: Target = { columns, places, statements: new Map() };
    this.targets.set(rows.table, target);
    return target;
  }

  private async columnNames(table: string): Promise<Set<string>> {
    const rows = await this.db.all('SELECT name FROM pragma_table_info(?)', [table]);
    return new Set(rows.map((row) => String(row.name).toLowerCase()));
  }

  private async insertAll(rows: TableRows, refused: RefusedRow[]): Promise<void> {
    const target = this.targets.get(rows.table)!;
    const size = Math.min(STATEMENT_ROWS, Math.floor(MOST_PARAMETERS / target.columns.length));
    for (let from = 0; from < rows.count;) {
      const left = rows.count - from;
      const count = left >= size ? size : left >= 10 ? 10 : 1;
      await this.insert(rows, target, from, from + count, refused);
      from += count;
    }
  }

  /** Rows from..to in one statement; where it is refused, in two, until the bad row is alone. */
  private async insert(rows: TableRows, target: Target, from: number, to: number, refused: RefusedRow[]): Promise<void> {
    try {
      await ran(this.statement(rows.table, target, to - from), parameters(rows, target, from, to));
    } catch (error) {
      if (!isRowFault(error as NodeJS.ErrnoException)) throw error;
      if (to - from === 1) {
        refused.push({ table: rows.table, row: from, reason: (error as Error).message });
        return;
      }
      const middle = (from + to) >> 1;
      await this.insert(rows, target, from, middle, refused);
      await this.insert(rows, target, middle, to, refused);
    }
  }

  private statement(table: string, target: Target, rows: number): sqlite3.Statement {
    let statement = target.statements.get(rows);
    if (statement === undefined) {
      const one = `(${target.columns.map(() => '?').join(',')})`;
      const columns = target.columns.map((column) => `"${column}"`).join(',');
      statement = this.db.prepare(`INSERT INTO "${table}" (${columns}) VALUES ${new Array<string>(rows).fill(one).join(',')}`);
      target.statements.set(rows, statement);
    }
    return statement;
  }
}

function parameters(rows: TableRows, target: Target, from: number, to: number): ColumnValue[] {
  const width = rows.columns.length;
  if (target.places === null) return rows.values.slice(from * width, to * width);
  const picked: ColumnValue[] = [];
  for (let row = from; row < to; row++) for (const place of target.places) picked.push(rows.values[row * width + place]);
  return picked;
}

/** Refusals that the row's own values cause; anything else concerns the database. */
function isRowFault(error: NodeJS.ErrnoException): boolean {
  return ['SQLITE_CONSTRAINT', 'SQLITE_MISMATCH', 'SQLITE_TOOBIG', 'SQLITE_RANGE', 'SQLITE_ERROR'].includes(error.code ?? '');
}

function ran(statement: sqlite3.Statement, values: ColumnValue[]): Promise<void> {
  return new Promise((resolve, reject) => {
    statement.run(values, (error: Error | null) => (error === null ? resolve() : reject(error)));
  });
}

function finalized(statement: sqlite3.Statement): Promise<void> {
  return new Promise((resolve) => {
    statement.finalize(() => resolve());
  });
}
