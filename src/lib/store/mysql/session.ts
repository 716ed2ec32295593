/** MySQL and MariaDB through mysql2: prepared statements of many rows, values always bound. */
import { isIP, type Socket } from 'node:net';
import mysql from 'mysql2';
import { UsageError, type ColumnValue, type Counters, type TableRows } from '../../base/index.js';
import type { DatabaseHost, DatabaseUrl } from '../database-url.js';
import type { Access } from '../engine.js';
import { statementsOf } from '../sql/definitions.js';
import { RowFault, type DatabaseFault } from '../sql/faults.js';
import { insertText, nameParts } from '../sql/names.js';
import { MYSQL_COLUMNS, mysqlColumn } from './columns.js';
import { MYSQL } from './dialect.js';
import { isStale, mysqlFault } from './faults.js';
import type { ResultRow } from '../sql/queries.js';
import type { Session } from '../sql/session.js';
import { StatementCache } from '../sql/statement-cache.js';
import type { TableColumn } from '../sql/table-column.js';
import { valuesFor, type Target } from '../sql/target.js';
import { tlsOptions } from '../tls.js';

/** Rows per statement: more is not faster; a few sizes, so that few statements are prepared. */
const STEPS = [100, 10, 1];
/** Bound parameters that one statement may have. */
const MAX_PARAMETERS = 65_535;
const CONNECT_MS = 10_000;
/** Times are UTC; values that do not fit are refused, never changed silently; lock waits are bounded. */
const SETTINGS =
  "SET time_zone = '+00:00', sql_mode = 'STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION', innodb_lock_wait_timeout = 10, lock_wait_timeout = 10";

export async function connectMysql(url: DatabaseUrl, place: DatabaseHost | null, access: Access): Promise<Session> {
  const tls = tlsOptions(url);
  // mysql2 checks the certificate of an IP address against the name 'localhost'.
  if (tls?.verifyIdentity === true && isIP(place?.host ?? '') !== 0)
    throw new UsageError(
      `database URL '${url.shown}': certificates are verified by server name; use the name instead of an address, or sslmode=verify-ca`,
    );
  const connection = mysql.createConnection({
    ...(place === null ? { socketPath: url.socket } : place),
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
  const session = new MysqlSession(connection, access === 'read', url.database);
  await new Promise<void>((resolve, reject) => {
    connection.connect((error) => (error === null ? resolve() : reject(error)));
  });
  return session;
}

class MysqlSession implements Session {
  readonly dialect = MYSQL;
  /** Maximum bytes of a statement that the server accepts. */
  private maxBytes = 0;
  private ended = false;
  /** It refused to write because it is read-only, or its database was dropped. */
  private stale = false;
  private readonly statements = new StatementCache<mysql.PrepareStatementInfo>((statement) => {
    if (!this.ended) statement.close();
  });

  constructor(
    private readonly connection: mysql.Connection,
    private readonly readOnly: boolean,
    private readonly database: string,
  ) {
    // An idle connection that breaks reports it here; the next write opens a new one.
    connection.on('error', () => (this.ended = true));
    connection.on('end', () => (this.ended = true));
  }

  async start(): Promise<void> {
    await this.execute(SETTINGS);
    if (this.readOnly) await this.execute('SET SESSION TRANSACTION READ ONLY');
    const [{ packet }] = await this.all('SELECT @@max_allowed_packet AS packet', []);
    this.maxBytes = Number(packet);
  }

  async alive(): Promise<boolean> {
    return !this.ended && !this.stale;
  }

  async writable(): Promise<boolean> {
    const [{ answer }] = await this.all('SELECT @@global.read_only AS answer', []);
    return /^(0|off)$/i.test(String(answer));
  }

  async execute(sql: string): Promise<void> {
    for (const statement of sql.includes(';') ? statementsOf(sql) : [sql]) {
      await new Promise<void>((resolve, reject) => {
        this.connection.query(statement, (error) => (error === null ? resolve() : reject(this.noticed(error))));
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
    const max = Math.min(STEPS[0], rows.count - from, Math.floor(MAX_PARAMETERS / target.columns.length));
    // The text of the statement grows with its rows too.
    const textBytes = target.columns.length * 2 + 4;
    let bytes = target.names.join().length * 4;
    let fitting = 0;
    while (fitting < max && (bytes += rowBytes(rows, from + fitting) + textBytes) <= this.maxBytes / 2) fitting++;
    return from + (STEPS.find((step) => step <= fitting) ?? 1);
  }

  async insert(target: Target, rows: TableRows, from: number, to: number, adjusted: Counters): Promise<void> {
    const values = valuesFor(target, rows, from, to, adjusted);
    // The server would end the connection instead of refusing the row.
    if (to - from === 1 && packetBytes(values) >= this.maxBytes)
      throw new RowFault(`row is larger than the server's max_allowed_packet (${this.maxBytes} bytes)`);
    const statement =
      this.statements.find(target, to - from) ?? this.statements.keep(target, to - from, await this.prepared(target, to - from));
    await new Promise<void>((resolve, reject) => {
      statement.execute(values, (error: unknown) =>
        error === null || error === undefined ? resolve() : reject(this.noticed(error as Error)),
      );
    });
  }

  faultOf(error: unknown): DatabaseFault {
    return this.ended ? 'server' : mysqlFault(error);
  }

  abort(): void {
    this.ended = true;
    // Not the client's own destroy(), which leaves pending queries pending.
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

  /** Detects errors that make this connection useless. */
  private noticed<E>(error: E): E {
    this.stale ||= isStale(error, this.database);
    return error;
  }

  private executed<T extends mysql.QueryResult>(sql: string, values: readonly ColumnValue[]): Promise<T> {
    return new Promise((resolve, reject) => {
      this.connection.execute<T>(sql, values as ColumnValue[], (error, result) =>
        error === null ? resolve(result) : reject(this.noticed(error)),
      );
    });
  }

  private prepared(target: Target, rows: number): Promise<mysql.PrepareStatementInfo> {
    return new Promise((resolve, reject) => {
      this.connection.prepare(insertText(MYSQL, target.table, target.names, rows), (error, statement) =>
        error === null ? resolve(statement) : reject(this.noticed(error)),
      );
    });
  }
}

/** Bytes of the packet that executes a prepared statement (protocol: COM_STMT_EXECUTE); each value with its type and length. */
function packetBytes(values: readonly ColumnValue[]): number {
  let bytes = 11 + Math.ceil(values.length / 8) + values.length * 2;
  for (const value of values) {
    if (typeof value === 'number') bytes += 8;
    else if (value !== null) {
      const length = typeof value === 'string' ? Buffer.byteLength(value) : value.length;
      bytes += length + (length < 251 ? 1 : length < 65_536 ? 3 : 4);
    }
  }
  return bytes;
}

/** Upper bound of the bytes that a row takes on the wire. */
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
