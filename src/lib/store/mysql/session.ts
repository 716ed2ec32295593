/** MySQL and MariaDB through mysql2: many rows at once by MariaDB's bulk protocol or prepared statements, values always bound. */
import { isIP, type Socket } from 'node:net';
import mysql from 'mysql2';
import { Counters, UsageError, type ColumnValue, type TableRows } from '../../base/index.js';
import type { DatabaseHost, DatabaseUrl } from '../database-url.js';
import type { Access } from '../engine.js';
import { statementsOf } from '../sql/definitions.js';
import { RowFault, TableChanged, type DatabaseFault } from '../sql/faults.js';
import { insertText, nameParts } from '../sql/names.js';
import { BulkProtocol, sendCommand } from './bulk-protocol.js';
import { MYSQL_COLUMNS, mysqlColumn } from './columns.js';
import { MYSQL } from './dialect.js';
import { isStale, mysqlFault } from './faults.js';
import { RowPacket } from './row-packet.js';
import { stepEnd } from './step-end.js';
import type { ResultRow } from '../sql/queries.js';
import type { Session } from '../sql/session.js';
import { StatementCache } from '../sql/statement-cache.js';
import type { TableColumn } from '../sql/table-column.js';
import type { Target } from '../sql/target.js';
import { tlsOptions } from '../tls.js';

const CONNECT_MS = 10_000;
const PACKET_HEADER = 4;
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
    // Query attributes would change the format of the commands that we write ourselves.
    flags: ['-LOCAL_FILES', '-CLIENT_QUERY_ATTRIBUTES'],
  });
  const session = new MysqlSession(connection, access === 'read', url.database);
  await new Promise<void>((resolve, reject) => {
    connection.connect((error) => (error === null ? resolve() : reject(error)));
  });
  return session;
}

interface PreparedStatement extends mysql.PrepareStatementInfo {
  id: number;
  query: string;
}

class MysqlSession implements Session {
  readonly dialect = MYSQL;
  /** Maximum bytes of a statement that the server accepts. */
  private maxBytes = 0;
  private ended = false;
  /** It refused to write because it is read-only, or its database was dropped. */
  private stale = false;
  private readonly bulk: BulkProtocol;
  /** Tables without transactions: what a bulk packet stored before a row that is refused would stay, and be stored again. */
  private readonly notInBulk = new Set<string>();
  private readonly packet = new RowPacket();
  private readonly statements = new StatementCache<PreparedStatement>((statement) => {
    // The client keeps statements by their text: two definitions of a table that was read again share one.
    if (!this.ended && !this.statements.has(statement)) this.connection.unprepare(statement.query);
  });

  constructor(
    private readonly connection: mysql.Connection,
    private readonly readOnly: boolean,
    private readonly database: string,
  ) {
    this.bulk = new BulkProtocol(connection);
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
    if (this.bulk.agreed && !(await this.transactional(table))) this.notInBulk.add(table);
    else this.notInBulk.delete(table);
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
    return stepEnd(target, rows, from, this.maxBytes, this.isBulk(target));
  }

  async insert(target: Target, rows: TableRows, from: number, to: number, adjusted: Counters): Promise<void> {
    const isBulk = this.isBulk(target);
    const count = isBulk ? 1 : to - from;
    const { id } = this.statements.find(target, count) ?? this.statements.keep(target, count, await this.prepared(target, count));
    const changes = new Counters();
    const packet = this.packet[isBulk ? 'bulk' : 'prepared'](id, target, rows, from, to, changes);
    // The server would end the connection instead of refusing the row.
    if (to - from === 1 && packet.length - PACKET_HEADER >= this.maxBytes)
      throw new RowFault(`row is larger than the server's max_allowed_packet (${this.maxBytes} bytes)`);
    try {
      await sendCommand(this.connection, packet);
    } catch (error) {
      if (this.bulk.refusedBy(error)) throw new TableChanged((error as Error).message);
      throw this.noticed(error);
    }
    for (const [name, times] of changes.entries()) adjusted.add(name, times);
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

  private isBulk({ table }: Target): boolean {
    return this.bulk.agreed && !this.notInBulk.has(table);
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

  private prepared(target: Target, rows: number): Promise<PreparedStatement> {
    return new Promise((resolve, reject) => {
      this.connection.prepare(insertText(MYSQL, target.table, target.names, rows), (error, statement) =>
        error === null ? resolve(statement as PreparedStatement) : reject(this.noticed(error)),
      );
    });
  }
}
