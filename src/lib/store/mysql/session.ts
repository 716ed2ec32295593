/** MySQL and MariaDB through mysql2: prepared statements of many rows, values always bound. */
import { isIP, type Socket } from 'node:net';
import mysql from 'mysql2';
import { UsageError, type ColumnValue, type Counters, type TableRows } from '../../base/index.js';
import { statementsOf } from '../sql/definitions.js';
import { insertText, MYSQL } from '../sql/dialect.js';
import { MYSQL_COLUMNS, mysqlColumn } from './columns.js';
import type { ResultRow, Session } from '../sql/session.js';
import { StatementCache } from '../sql/statement-cache.js';
import type { TableColumn } from '../sql/table-column.js';
import { valuesFor, type Target } from '../sql/target.js';
import { tlsOptions } from '../tls.js';
import type { DatabaseUrl } from '../url.js';

/** Rows of one statement, as fast as it gets; a few sizes, so that few are prepared. */
const STEPS = [100, 10, 1];
/** Bound parameters that one statement may have. */
const MAX_PARAMETERS = 65_535;
const CONNECT_MS = 10_000;
/** Times are UTC; what does not fit is refused, never bent quietly; no lock is waited for longer than this. */
const SETTINGS =
  "SET time_zone = '+00:00', sql_mode = 'STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION', innodb_lock_wait_timeout = 10, lock_wait_timeout = 10";
/** Errors outside of SQLSTATE's classes for data that a row's own values cause: no default, wrong value, no partition, too big a row. */
const ROW_FAULTS = new Set([1364, 1366, 1526, 1118, 139]);

export async function connectMysql(url: DatabaseUrl): Promise<Session> {
  const tls = tlsOptions(url);
  // mysql2 holds the certificate of an address against the name 'localhost'.
  if (tls?.verifyIdentity === true && isIP(url.host) !== 0)
    throw new UsageError(
      `'${url.shown}': a certificate is verified by the server's name: write that instead of its address, or sslmode=verify-ca`,
    );
  const connection = mysql.createConnection({
    ...(url.socket === '' ? { host: url.host, port: url.port } : { socketPath: url.socket }),
    user: url.user,
    password: url.password,
    database: url.database,
    ssl: tls ?? undefined,
    charset: 'utf8mb4',
    timezone: 'Z',
    connectTimeout: CONNECT_MS,
    enableKeepAlive: true,
    supportBigNumbers: true,
    dateStrings: true,
    flags: ['-LOCAL_FILES'],
  });
  const session = new MysqlSession(connection);
  await new Promise<void>((resolve, reject) => {
    connection.connect((error) => (error === null ? resolve() : reject(error)));
  });
  return session;
}

class MysqlSession implements Session {
  readonly dialect = MYSQL;
  /** Bytes of one statement that the server takes. */
  private maxBytes = 0;
  private ended = false;
  private readonly statements = new StatementCache<mysql.PrepareStatementInfo>((statement) => {
    if (!this.ended) statement.close();
  });

  constructor(private readonly connection: mysql.Connection) {
    // An idle connection that breaks says it here; the next write opens a new one.
    connection.on('error', () => (this.ended = true));
    connection.on('end', () => (this.ended = true));
  }

  async start(): Promise<void> {
    await this.execute(SETTINGS);
    const [{ packet }] = await this.all('SELECT @@max_allowed_packet AS packet', []);
    this.maxBytes = Number(packet);
  }

  async alive(): Promise<boolean> {
    return !this.ended;
  }

  async execute(sql: string): Promise<void> {
    for (const statement of sql.includes(';') ? statementsOf(sql) : [sql]) {
      await new Promise<void>((resolve, reject) => {
        this.connection.query(statement, (error) => (error === null ? resolve() : reject(error)));
      });
    }
  }

  async run(sql: string, values: readonly ColumnValue[]): Promise<number> {
    return (await this.executed<mysql.ResultSetHeader>(sql, values)).affectedRows;
  }

  all(sql: string, values: readonly ColumnValue[]): Promise<ResultRow[]> {
    return this.executed<mysql.RowDataPacket[]>(sql, values);
  }

  async columns(table: string): Promise<TableColumn[]> {
    return (await this.all(MYSQL_COLUMNS, nameParts(table))).map(mysqlColumn);
  }

  async tableNamed(table: string): Promise<string> {
    return table;
  }

  async transactional(table: string): Promise<boolean> {
    const [row] = await this.all(
      'SELECT e.transactions AS answer FROM information_schema.tables t JOIN information_schema.engines e ON e.engine = t.engine WHERE t.table_schema = coalesce(?, database()) AND t.table_name = ?',
      nameParts(table),
    );
    return row?.answer === 'YES';
  }

  stepEnd(target: Target, rows: TableRows, from: number): number {
    const most = Math.min(STEPS[0], rows.count - from, Math.floor(MAX_PARAMETERS / target.columns.length));
    let bytes = 0;
    let fitting = 0;
    while (fitting < most && (bytes += rowBytes(rows, from + fitting)) <= this.maxBytes / 2) fitting++;
    return from + (STEPS.find((step) => step <= fitting) ?? 1);
  }

  async insert(target: Target, rows: TableRows, from: number, to: number, adjusted: Counters): Promise<void> {
    if (to - from === 1 && rowBytes(rows, from) + 65_536 > this.maxBytes)
      throw new TooBig(`the row is larger than the server's max_allowed_packet (${this.maxBytes} bytes)`);
    const values = valuesFor(target, rows, from, to, adjusted);
    const statement =
      this.statements.find(target, to - from) ?? this.statements.keep(target, to - from, await this.prepared(target, to - from));
    await new Promise<void>((resolve, reject) => {
      statement.execute(values, (error: unknown) => (error === null || error === undefined ? resolve() : reject(error as Error)));
    });
  }

  isRowFault(error: unknown): boolean {
    const { sqlState, errno } = error as { sqlState?: string; errno?: number };
    return error instanceof TooBig || /^(22|23|45)/.test(sqlState ?? '') || ROW_FAULTS.has(errno ?? 0);
  }

  abort(): void {
    this.ended = true;
    // Not the client's own destroy(), which leaves those who wait for an answer waiting.
    (this.connection as unknown as { stream: Socket }).stream.destroy();
  }

  async close(): Promise<void> {
    this.statements.clear();
    if (this.ended) {
      this.connection.destroy();
      return;
    }
    this.ended = true;
    await new Promise<void>((resolve) => this.connection.end(() => resolve()));
  }

  private executed<T extends mysql.QueryResult>(sql: string, values: readonly ColumnValue[]): Promise<T> {
    return new Promise((resolve, reject) => {
      this.connection.execute<T>(sql, values as ColumnValue[], (error, result) => (error === null ? resolve(result) : reject(error)));
    });
  }

  private prepared(target: Target, rows: number): Promise<mysql.PrepareStatementInfo> {
    return new Promise((resolve, reject) => {
      this.connection.prepare(insertText(MYSQL, target.table, target.names, rows), (error, statement) =>
        error === null ? resolve(statement) : reject(error),
      );
    });
  }
}

class TooBig extends Error {}

/** Database (null for the one connected to) and name of a table. */
function nameParts(table: string): [string | null, string] {
  const dot = table.indexOf('.');
  return dot < 0 ? [null, table] : [table.slice(0, dot), table.slice(dot + 1)];
}

/** At most so many bytes a row takes on the wire. */
function rowBytes(rows: TableRows, row: number): number {
  const width = rows.columns.length;
  let bytes = 0;
  for (let i = row * width; i < (row + 1) * width; i++) {
    const value = rows.values[i];
    if (typeof value === 'string') bytes += value.length * 3 + 10;
    else if (typeof value === 'object' && value !== null) bytes += value.length + 10;
    else bytes += 10;
  }
  return bytes;
}
