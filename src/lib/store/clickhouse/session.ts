/**
 * A ClickHouse server as a session. There are no transactions: a row is recognised by its identity however often it is
 * written, each INSERT has rows of one table and day and is atomic, and positions follow the rows.
 */
import { Counters, type ColumnValue, type StreamState, type TableRows } from '../../base/index.js';
import type { DatabaseHost, DatabaseUrl } from '../database-url.js';
import type { Access } from '../engine.js';
import { statementsOf } from '../sql/definitions.js';
import type { Dialect } from '../sql/dialect.js';
import type { DatabaseFault } from '../sql/faults.js';
import { timeText } from '../period.js';
import { nameParts, tableText } from '../sql/names.js';
import type { ResultRow } from '../sql/queries.js';
import type { SelectedColumn, Session } from '../sql/session.js';
import type { TableColumn } from '../sql/table-column.js';
import type { Target } from '../sql/target.js';
import { HttpClient } from './client.js';
import { CLICKHOUSE_COLUMNS, clickhouseColumn } from './columns.js';
import { CLICKHOUSE, CLICKHOUSE_PLAIN } from './dialect.js';
import { clickhouseFault } from './faults.js';
import { filled } from './literals.js';
import { PackedTable } from './packed-rows.js';
import { rowEncoder, RowBinaryEncoder, type WriteRow } from './row-binary.js';

/** First versions with codecs, indexes and LowCardinality as a matter of course; with inserts that the server gathers. */
const CURRENT = 20.08;
const GATHERING = 21.11;
const EXPLAINING = 21.06;
const MAX_ROWS = 50_000;
/** What other engines do in transactions. */
const TRANSACTION = /^(?:BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE)\b/;
/** Rows of our own tables are replaced, not deleted. */
const DELETION = /^DELETE FROM sipcap_/;

export async function connectClickhouse(url: DatabaseUrl, host: DatabaseHost, access: Access): Promise<ClickhouseSession> {
  return new ClickhouseSession(new HttpClient(url, host), url.database, access);
}

export class ClickhouseSession implements Session {
  dialect: Dialect = CLICKHOUSE;
  readonly isConcurrent = true;
  /** Its version as a number: 20.08 is 20.8. */
  version = 0;
  /** Its place in the cluster, by the macros of its configuration; empty where it has none. */
  macros: Readonly<Record<string, string>> = {};
  private isClosed = false;
  private encoder: RowBinaryEncoder | null = null;
  private readonly writers = new WeakMap<Target, WriteRow>();
  /** Answers of the catalogue while reading. */
  private readonly known = new Map<string, Promise<ResultRow[]>>();

  constructor(
    private readonly client: HttpClient,
    private readonly database: string,
    private readonly access: Access,
  ) {}

  async start(): Promise<void> {
    const [{ v }] = await this.all('SELECT version() AS v', []);
    const [, major, minor] = /^(\d+)\.(\d+)/.exec(String(v)) ?? ['', '0', '0'];
    this.version = Number(major) + Number(minor) / 100;
    if (this.version < CURRENT) this.dialect = CLICKHOUSE_PLAIN;
    this.client.insertSettings = { wait_end_of_query: 1, ...(this.version < GATHERING ? {} : { async_insert: 0 }) };
    if (this.access === 'read') return;
    // Who may write may not be allowed to see them.
    const macros = await this.all('SELECT macro, substitution FROM system.macros', []).catch(() => []);
    this.macros = Object.fromEntries(macros.map(({ macro, substitution }) => [String(macro), String(substitution)]));
  }

  async alive(): Promise<boolean> {
    return !this.isClosed && !this.client.isAborted;
  }

  /** False while one of our tables has lost ZooKeeper. */
  async writable(): Promise<boolean> {
    const [{ n }] = await this.all('SELECT count() AS n FROM system.replicas WHERE database = ? AND is_readonly', [this.database]);
    return Number(n) === 0;
  }

  async execute(sql: string): Promise<void> {
    if (TRANSACTION.test(sql)) return;
    for (const statement of statementsOf(sql)) await this.client.command(this.replicated(statement));
  }

  async run(sql: string, values: readonly ColumnValue[]): Promise<number> {
    if (DELETION.test(sql)) return 0;
    await this.client.command(filled(sql.replaceAll('CURRENT_TIMESTAMP', 'now()'), values));
    return 1;
  }

  async all(sql: string, values: readonly ColumnValue[]): Promise<ResultRow[]> {
    const all: ResultRow[] = [];
    for await (const rows of this.stream(sql, values)) for (const row of rows) all.push(row);
    return all;
  }

  stream(sql: string, values: readonly ColumnValue[], columns?: readonly SelectedColumn[]): AsyncGenerator<ResultRow[]> {
    return this.client.rows(filled(sql, values), columns);
  }

  /** By itself the server does not read the columns of the sorting key first, but whole rows; of views it refuses to. */
  async filterOf(table: string): Promise<string> {
    return (await this.hasParts(table)) ? 'PREWHERE' : 'WHERE';
  }

  /** The catalogue has the times of each part; those of views are searched. */
  async ends(table: string, date: string, micros: string): Promise<ResultRow[]> {
    const [schema, name] = nameParts(table);
    const text = tableText(this.dialect, table);
    const [first, last] = ['min', 'max'].map((end) => `toUInt32(${end}(${end}_time)) AS ${end}_second`);
    const sql = `SELECT ${first}, ${last} FROM system.parts WHERE active AND database = if(? = '', currentDatabase(), ?) AND table = ?`;
    const hasParts = await this.hasParts(table);
    const [rows, [parts]] = await Promise.all([
      this.all(`SELECT toString(${date}) AS d, ${micros} AS m FROM ${text} LIMIT 5`, []),
      hasParts ? this.all(sql, [schema ?? '', schema ?? '', name]) : [],
    ]);
    if (rows.length === 0) return [];
    if (parts === undefined) {
      const ends = ['min', 'max'].map((end) => `toString(${end}(${date})) AS ${end}_date`).join(', ');
      const [{ min_date: earliest, max_date: latest }] = await this.all(`SELECT ${ends} FROM ${text}`, []);
      return [...rows, { d: earliest, m: 0 }, { d: latest, m: 0 }];
    }
    return [...rows, ...[parts.min_second, parts.max_second].map((second) => ({ d: timeText(Number(second)), m: 0 }))];
  }

  async plan(sql: string, values: readonly ColumnValue[]): Promise<string[]> {
    if (this.version < EXPLAINING) return [`no EXPLAIN on this server (${this.version.toFixed(2)}): expected 21.6 or newer`];
    return (await this.all(`EXPLAIN indexes = 1 ${sql}`, values)).map(({ explain }) => String(explain));
  }

  async columns(table: string): Promise<TableColumn[]> {
    const [schema, name] = nameParts(table);
    return (await this.catalogue(CLICKHOUSE_COLUMNS, [schema ?? '', schema ?? '', name])).map(clickhouseColumn);
  }

  async tableNamed(table: string): Promise<string> {
    return table;
  }

  /** Without transactions, but nothing is stored twice. */
  async transactional(): Promise<boolean> {
    return true;
  }

  stepEnd(_target: Target, rows: TableRows, from: number): number {
    return Math.min(rows.count, from + MAX_ROWS);
  }

  /** One INSERT for each day: an INSERT is atomic in one partition only. */
  async insert(target: Target, rows: TableRows, from: number, to: number, adjusted: Counters): Promise<void> {
    const columns = target.names.map(this.dialect.quote).join(',');
    const query = `INSERT INTO ${tableText(this.dialect, target.table)} (${columns}) FORMAT RowBinary`;
    if (rows instanceof PackedTable && rows.fits(target)) {
      for (const bytes of rows.byDay(from, to)) await this.client.insert(query, bytes);
      if (from === 0) for (const [name, count] of rows.adjusted.entries()) adjusted.add(name, count);
      return;
    }
    const write = this.writers.get(target) ?? rowEncoder(target);
    this.writers.set(target, write);
    const own = new Counters();
    const encoder = this.encoder ?? new RowBinaryEncoder();
    this.encoder = null;
    for (const numbers of byDay(rows, from, to)) await this.client.insert(query, encoder.encode(write, rows, numbers, own));
    this.encoder = encoder;
    for (const [name, count] of own.entries()) adjusted.add(name, count);
  }

  /** Live writers have none: what they repeat is recognised by its identity. */
  async storePositions(streams: readonly StreamState[]): Promise<void> {
    const moved = streams.filter(({ position }) => position !== '');
    if (moved.length === 0) return;
    const rows = moved.map(() => '(?, ?, ?, now())').join(', ');
    const values = moved.flatMap(({ stream, sequence, position }) => [stream, sequence, position]);
    await this.run(`INSERT INTO sipcap_position (stream, sequence, position, updated) VALUES ${rows}`, values);
  }

  faultOf(error: unknown): DatabaseFault {
    return clickhouseFault(error);
  }

  abort(): void {
    this.client.abort();
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await this.client.close();
  }

  /** Who reads asks each thing once: each question is a round trip, and nobody changes tables while they are read. */
  private catalogue(sql: string, values: readonly ColumnValue[]): Promise<ResultRow[]> {
    if (this.access !== 'read') return this.all(sql, values);
    const query = filled(sql, values);
    let answer = this.known.get(query);
    if (answer === undefined) {
      answer = this.all(query, []);
      this.known.set(query, answer);
      answer.catch(() => this.known.delete(query));
    }
    return answer;
  }

  /** False for views, and for tables that pass queries on to others. */
  private async hasParts(table: string): Promise<boolean> {
    const [schema, name] = nameParts(table);
    const sql = "SELECT engine FROM system.tables WHERE database = if(? = '', currentDatabase(), ?) AND name = ?";
    const [found] = await this.catalogue(sql, [schema ?? '', schema ?? '', name]);
    return /MergeTree$/.test(String(found?.engine));
  }

  /** Tables are replicated where the server knows its shard and its name among the replicas. */
  private replicated(statement: string): string {
    const { shard, replica } = this.macros;
    if (shard === undefined || replica === undefined) return statement;
    const table = /^CREATE TABLE IF NOT EXISTS `?(?:\w+`?\.`?)?([\w$]+)/.exec(statement)?.[1];
    if (table === undefined) return statement;
    const path = `'/sipcap/${this.database}/${table}/{shard}', '{replica}'`;
    return statement.replace(
      /ENGINE = ReplacingMergeTree(?:\((\w+)\))?/,
      (_, version?: string) => `ENGINE = ReplicatedReplacingMergeTree(${path}${version === undefined ? '' : `, ${version}`})`,
    );
  }
}

/** The numbers of rows from..to for each day. */
function byDay({ values, columns }: TableRows, from: number, to: number): Iterable<number[]> {
  const place = columns.findIndex((name) => name === 'date' || name === 'tss');
  const days = new Map<string, number[]>();
  let day = '';
  let numbers: number[] = [];
  for (let row = from; row < to; row++) {
    const date = place < 0 ? '' : String(values[row * columns.length + place] ?? '');
    if (day === '' || !date.startsWith(day)) {
      day = date.slice(0, 10);
      numbers = days.get(day) ?? [];
      days.set(day, numbers);
    }
    numbers.push(row);
  }
  return days.values();
}
