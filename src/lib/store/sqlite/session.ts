/** SQLite: write-ahead log, prepared statements of many rows, one after the other. */
import { open as openFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { UsageError, type ColumnValue, type Counters, type TableRows } from '../../base/index.js';
import type { Access } from '../engine.js';
import type { DatabaseFault } from '../sql/faults.js';
import { insertText } from '../sql/names.js';
import type { ResultRow } from '../sql/queries.js';
import type { Session } from '../sql/session.js';
import { StatementCache } from '../sql/statement-cache.js';
import { tableColumn, type TableColumn } from '../sql/table-column.js';
import { valuesFor, type Target } from '../sql/target.js';
import { sqliteBinding } from './binding.js';
import { BUSY_MS, type SqliteDatabase, type SqliteStatement } from './database.js';
import { SQLITE } from './dialect.js';
import { sqliteFault } from './faults.js';
import { refuseForeignLog } from './foreign-log.js';
import { closedFile, isDenied, openSqlite } from './open-file.js';
import { ReadingFile } from './reading.js';

/** Rows of one statement: beyond this binding costs more than it saves; a few sizes, so that few are prepared. */
const STEPS = [100, 10, 1];
/** SQLite's limit on bound parameters of one statement. */
const MAX_PARAMETERS = 32_766;
/** File mode of a new file: readable by its group. */
const MODE = 0o640;
const BUSY_STEP_MS = 50;
/** Why a database cannot be created, by error code; the folder follows. */
const NOT_CREATED: Readonly<Record<string, string>> = {
  ENOENT: 'no such folder',
  ENOTDIR: 'not a folder:',
  EISDIR: 'is a folder, not a file:',
  EACCES: 'no permission to write in',
  EPERM: 'no permission to write in',
  EROFS: 'read-only file system at',
};
const PRAGMAS = `PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY;
PRAGMA wal_autocheckpoint = 4000;`;

export async function connectSqlite(path: string, access: Access): Promise<Session> {
  const inMemory = path === ':memory:';
  if (access !== 'create' && !inMemory && (await inodeOf(path)) === 0) throw new UsageError(`no database at ${path}`);
  if (access === 'read' && !inMemory) return new SqliteSession(await ReadingFile.open(path), path, await inodeOf(path));
  // SQLite itself would create a world-readable file; its write-ahead log inherits the file's mode.
  if (access === 'create' && !inMemory) {
    // Without a library no empty file is left behind.
    await sqliteBinding();
    await createFile(path);
  }
  const database = await openSqlite(path, inMemory ? 'create' : 'write');
  return new SqliteSession(database, path, await inodeOf(path));
}

/** A missing or inaccessible folder is an operator error; other errors are reported by SQLite. */
async function createFile(path: string): Promise<void> {
  try {
    await (await openFile(path, 'ax', MODE)).close();
  } catch (error) {
    const why = NOT_CREATED[(error as NodeJS.ErrnoException).code ?? ''];
    if (why !== undefined) throw new UsageError(`cannot open database sqlite:${path}: ${why} ${dirname(path)}`);
  }
}

class SqliteSession implements Session {
  readonly dialect = SQLITE;
  private readonly statements = new StatementCache<SqliteStatement>((statement) => statement.finalize());
  private readonly readOnly: boolean;
  gone = '';

  constructor(
    private file: SqliteDatabase | ReadingFile,
    private readonly path: string,
    private readonly inode: number,
  ) {
    this.readOnly = file instanceof ReadingFile;
  }

  private get database(): SqliteDatabase {
    return this.file instanceof ReadingFile ? this.file.database : this.file;
  }

  /** Switching to the write-ahead log needs exclusive access and does not wait by itself: another process may be doing the same. */
  async start(): Promise<void> {
    if (this.readOnly) return;
    await refuseForeignLog(this.path);
    for (let waitedMs = 0; ; waitedMs += BUSY_STEP_MS) {
      try {
        return await this.execute(PRAGMAS);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'SQLITE_BUSY' || waitedMs >= BUSY_MS)
          throw isDenied(error) && this.path !== ':memory:' ? ((await closedFile(this.path, 'write')) ?? error) : error;
        await sleep(BUSY_STEP_MS);
      }
    }
  }

  /** Rows written to a removed or replaced file would never be found. */
  async alive(): Promise<boolean> {
    const isThere = (await inodeOf(this.path)) === this.inode;
    this.gone = isThere ? '' : `${this.path} was moved or removed while it was open; rows go to the file that has the name from now on`;
    return isThere;
  }

  /**
   * SQLite itself leaves the rows of the write-ahead log behind; beside another file they would be lost, or damage that. Another
   * program's transaction on the moved file may keep them from it.
   */
  async left(): Promise<boolean> {
    if (this.readOnly || (await this.alive())) return true;
    const [row] = await this.all('PRAGMA wal_checkpoint(TRUNCATE)', []).catch(() => []);
    return row === undefined || Number(row.busy) === 0;
  }

  async writable(): Promise<boolean> {
    return !this.readOnly;
  }

  execute(sql: string): Promise<void> {
    return this.database.execute(sql);
  }

  run(sql: string, values: readonly ColumnValue[]): Promise<number> {
    return this.database.run(sql, values);
  }

  async all(sql: string, values: readonly ColumnValue[]): Promise<ResultRow[]> {
    if (!this.readOnly) return this.database.all(sql, values);
    for (;;) {
      const file = this.file as ReadingFile;
      // What a writer that has come meanwhile makes of the result is not known.
      const answer = await this.database.all(sql, values).catch((error: Error) => error);
      if (await file.isCurrent()) {
        if (answer instanceof Error) throw answer;
        return answer;
      }
      this.file = await ReadingFile.open(this.path);
      await file.close();
    }
  }

  async columns(table: string): Promise<TableColumn[]> {
    const rows = await this.all('SELECT name, type, "notnull" AS required, dflt_value AS given, pk FROM pragma_table_info(?)', [table]);
    return rows.map((row) => ({
      ...tableColumn(String(row.name), kindOf(String(row.type))),
      takesBytes: true,
      nullable: row.required === 0,
      needed: row.required === 1 && row.given === null && row.pk === 0,
    }));
  }

  async tableNamed(table: string): Promise<string> {
    return table;
  }

  async transactional(): Promise<boolean> {
    return true;
  }

  stepEnd(target: Target, rows: TableRows, from: number): number {
    const left = Math.min(rows.count - from, Math.floor(MAX_PARAMETERS / target.columns.length));
    return from + STEPS.find((step) => step <= left)!;
  }

  async insert(target: Target, rows: TableRows, from: number, to: number, adjusted: Counters): Promise<void> {
    const values = valuesFor(target, rows, from, to, adjusted);
    const statement =
      this.statements.find(target, to - from) ?? this.statements.keep(target, to - from, await this.prepared(target, to - from));
    await statement.run(values);
  }

  faultOf(error: unknown): DatabaseFault {
    return sqliteFault(error);
  }

  abort(): void {
    this.database.interrupt();
  }

  async close(): Promise<void> {
    this.statements.clear();
    await this.left();
    await this.database.close();
  }

  private prepared(target: Target, rows: number): Promise<SqliteStatement> {
    return this.database.prepare(insertText(SQLITE, target.table, target.names, rows));
  }
}

/** 0 where there is no such file (a database in memory has none). */
async function inodeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ ino }) => ino,
    () => 0,
  );
}

/** Declared types give an affinity, not limits; text is distinguished because it cannot hold NUL and invalid bytes. */
function kindOf(type: string): TableColumn['kind'] {
  if (/int/i.test(type)) return 'integer';
  if (/char|text|clob/i.test(type)) return 'text';
  return /date|time/i.test(type) ? 'time' : 'other';
}
