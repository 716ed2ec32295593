/** PostgreSQL through pg: COPY of many rows at once, inside a savepoint, so that a refused row undoes no other. */
import type { Socket } from 'node:net';
import './navigator.js';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { ColumnValue, Counters, TableRows } from '../../base/index.js';
import type { DatabaseHost, DatabaseUrl } from '../database-url.js';
import type { Access } from '../engine.js';
import { CopyBinary } from './copy-binary.js';
import { CopyRows } from './copy-rows.js';
import { POSTGRESQL } from './dialect.js';
import { postgresqlFault } from './faults.js';
import type { DatabaseFault } from '../sql/faults.js';
import { tableText } from '../sql/names.js';
import { highestOf, POSTGRESQL_COLUMNS, postgresqlColumn } from './columns.js';
import type { ResultRow } from '../sql/queries.js';
import type { Session } from '../sql/session.js';
import type { TableColumn } from '../sql/table-column.js';
import type { Target } from '../sql/target.js';
import { tlsOptions } from '../tls.js';
import { withDeadline } from '../with-deadline.js';
import { FilledTables } from './statistics.js';

/** Rows per COPY; larger ones are not faster. */
const COPY_ROWS = 1000;
/** Characters per COPY, all of which the client buffers. */
const COPY_CHARACTERS = 32 * 1024 * 1024;
const CONNECT_MS = 10_000;
const CLOSE_MS = 2000;
/** A million rows take a third of a second. */
const ANALYZE_MS = 5000;
/** SQLSTATE read_only_sql_transaction: a setting of the session, which outlives its cause, or a server that is a standby by now. */
const READ_ONLY = '25006';
/** Times are UTC; lock waits are bounded. */
const SETTINGS = "SET TIME ZONE 'UTC'; SET DateStyle = 'ISO, YMD'; SET lock_timeout = '10s'; SET client_min_messages = error";

export async function connectPostgresql(url: DatabaseUrl, place: DatabaseHost | null, access: Access): Promise<Session> {
  const tls = tlsOptions(url);
  const client = new pg.Client({
    host: place?.host ?? url.socket,
    port: place?.port ?? url.hosts[0].port,
    user: url.user || undefined,
    password: url.password || undefined,
    database: url.database,
    ssl: tls === null ? false : { ...tls, ...(tls.verifyIdentity ? {} : { checkServerIdentity: () => undefined }) },
    connectionTimeoutMillis: CONNECT_MS,
    keepAlive: true,
    application_name: 'sipcap',
  });
  const session = new PostgresqlSession(client, access === 'read');
  await client.connect();
  return session;
}

class PostgresqlSession implements Session {
  readonly dialect = POSTGRESQL;
  /** Last code point of the server's encoding. */
  private highest = 0x7f;
  private ended = false;
  /** It refused to write because it is read-only. */
  private stale = false;
  private readonly filled = new FilledTables();
  private readonly binary = new CopyBinary();

  constructor(
    private readonly client: pg.Client,
    private readonly readOnly: boolean,
  ) {
    // An idle connection that breaks reports it here; the next write opens a new one.
    client.on('error', () => (this.ended = true));
    client.on('end', () => (this.ended = true));
  }

  async start(): Promise<void> {
    await this.execute(this.readOnly ? `${SETTINGS}; SET default_transaction_read_only = on` : SETTINGS);
    const [{ server_encoding: encoding }] = await this.all('SHOW server_encoding', []);
    this.highest = highestOf(String(encoding));
  }

  async alive(): Promise<boolean> {
    return !this.ended && !this.stale;
  }

  async writable(): Promise<boolean> {
    const [{ answer }] = await this.all(
      "SELECT NOT pg_is_in_recovery() AND current_setting('transaction_read_only') = 'off' AS answer",
      [],
    );
    return answer === true;
  }

  async execute(sql: string): Promise<void> {
    const result = await this.noticed(this.client.query(sql));
    // After an error inside a transaction the server rolls back instead, and reports no error.
    if (sql === 'COMMIT' && result.command !== 'COMMIT') throw new Error('server rolled back the transaction instead of committing it');
  }

  async run(sql: string, values: readonly ColumnValue[]): Promise<number> {
    return (await this.noticed(this.client.query(numbered(sql), values as ColumnValue[]))).rowCount ?? 0;
  }

  async all(sql: string, values: readonly ColumnValue[]): Promise<ResultRow[]> {
    return (await this.noticed(this.client.query<ResultRow>(numbered(sql), values as ColumnValue[]))).rows;
  }

  async columns(table: string): Promise<TableColumn[]> {
    return (await this.all(POSTGRESQL_COLUMNS, [tableText(POSTGRESQL, table)])).map((row) => postgresqlColumn(row, this.highest));
  }

  /** As written if there is such a table, else in lower case, as the server treats unquoted names. */
  async tableNamed(table: string): Promise<string> {
    if (table === table.toLowerCase()) return table;
    const [row] = await this.all('SELECT to_regclass(?) IS NOT NULL AS answer', [tableText(POSTGRESQL, table)]);
    return row.answer === true ? table : table.toLowerCase();
  }

  async transactional(): Promise<boolean> {
    return true;
  }

  stepEnd(_target: Target, rows: TableRows, from: number): number {
    const width = rows.columns.length;
    const last = Math.min(rows.count, from + COPY_ROWS);
    let characters = 0;
    let to = from;
    while (to < last) {
      for (let i = to * width; i < (to + 1) * width; i++) {
        const value = rows.values[i];
        if (typeof value === 'object' && value !== null) characters += value.length * 2;
      }
      if (characters > COPY_CHARACTERS && to > from) break;
      to++;
    }
    return to;
  }

  async insert(target: Target, rows: TableRows, from: number, to: number, adjusted: Counters): Promise<void> {
    await this.client.query('SAVEPOINT sipcap');
    try {
      await this.noticed(this.copy(new CopyRows(target, rows, from, to, adjusted, this.binary)));
    } catch (error) {
      if (!this.ended) await this.client.query('ROLLBACK TO SAVEPOINT sipcap');
      throw error;
    }
    await this.client.query('RELEASE SAVEPOINT sipcap');
    this.filled.add(tableText(POSTGRESQL, target.table), to - from);
  }

  /** Detects errors that make this connection useless. */
  private async noticed<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      if ((error as { code?: string }).code === READ_ONLY) this.stale = true;
      throw error;
    }
  }

  faultOf(error: unknown): DatabaseFault {
    return this.ended ? 'server' : postgresqlFault(error);
  }

  abort(): void {
    this.ended = true;
    this.socket.destroy();
  }

  private get socket(): Socket {
    return (this.client as unknown as { connection: { stream: Socket } }).connection.stream;
  }

  async close(): Promise<void> {
    if (!this.ended) await withDeadline(this, ANALYZE_MS, () => this.filled.analyze(this)).catch(() => {});
    if (this.ended) return;
    this.ended = true;
    // A stopped server never answers.
    await withDeadline(this, CLOSE_MS, () => this.client.end());
  }

  /** Piece by piece: the server works on one while the next is encoded. */
  private copy(rows: CopyRows): Promise<void> {
    return new Promise((resolve, reject) => {
      const stream = this.client.query(copyFrom(rows.sql));
      let failure: unknown = null;
      stream.on('error', (error: Error) => {
        failure ??= error;
        reject(failure as Error);
      });
      stream.on('finish', () => resolve());
      const next = () => {
        // The server has refused the data so far: it accepts no more.
        if (failure !== null) return;
        try {
          const { socket } = this;
          const piece = rows.next(socket.writableLength === 0);
          // The piece and the header before it go out together.
          socket.cork();
          if (rows.done) stream.end(piece);
          else stream.write(piece, next);
          socket.uncork();
        } catch (error) {
          failure = error;
          stream.destroy(error as Error);
        }
      };
      next();
    });
  }
}

/** `?` as `$1`, `$2`. */
function numbered(sql: string): string {
  let count = 0;
  return sql.replaceAll('?', () => `$${++count}`);
}
