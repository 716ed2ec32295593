/**
 * Determines which rows of a batch the table holds already: by Call-ID and time, addresses and bytes, as multisets, with one query
 * for the rows of a table. Only the last of the earlier batches is remembered: messages equal in everything, including time, are
 * adjacent.
 */
import { createHash } from 'node:crypto';
import { Counters, type ColumnValue, type ComparedRow, type PresentRows, type TableRows } from '../../base/index.js';
import { tableText } from './names.js';
import type { Session } from './session.js';
import type { TableColumn } from './table-column.js';
import { valuesFor, type Target } from './target.js';

/** Our columns that identify a message, in all table formats. */
const IDENTITY = [
  ...['callid', 'micro_ts', 'tss', 'tsu', 'source_ip', 'source_port', 'destination_ip', 'destination_port', 'msg', 'data'],
  ...['sid', 'create_date', 'protocol_header', 'raw'],
];
/** Of Homer 7's protocol_header. */
const IDENTITY_MEMBERS = ['srcIp', 'srcPort', 'dstIp', 'dstPort', 'timeSeconds', 'timeUseconds'];
/** Indexed columns for finding candidates, the first that the table has; and those of the exact time. */
const INDEXED = ['callid', 'sid', 'tss', 'date'];
const TIMES = ['micro_ts', 'tsu', 'create_date'];
/** Rows of one query: engines bound the values of a statement. */
const MAX_ROWS = 5000;

export interface AbsentRows {
  rows: TableRows;
  /** Place in the batch of each of them; empty where all are absent. */
  places: readonly number[];
}

export class RowsComparison {
  present: PresentRows = { rows: 0, messages: 0 };
  /** How often each row was in the batch stored last, and in this one. */
  private last = new Map<string, number>();
  private current = new Map<string, number>();

  /** A batch begins, possibly again. */
  begin(): void {
    this.present = { rows: 0, messages: 0 };
    this.current = new Map();
  }

  /** It was committed. */
  stored(): void {
    this.last = this.current;
  }

  /** The rows that are to be written. */
  async absentRows(session: Session, target: Target, rows: TableRows): Promise<AbsentRows> {
    const { compared = [] } = rows;
    const present = new Set<number>();
    for (let from = 0; from < compared.length; from += MAX_ROWS)
      await this.findPresent(session, target, rows, compared.slice(from, from + MAX_ROWS), present);
    return present.size === 0 ? { rows, places: [] } : without(rows, present);
  }

  private async findPresent(
    session: Session,
    target: Target,
    rows: TableRows,
    compared: readonly ComparedRow[],
    present: Set<number>,
  ): Promise<void> {
    const own = compared.map(({ row }) => valuesFor(target, rows, row, row + 1, new Counters()));
    const places = placesOf(target, rows, IDENTITY);
    const stored = await storedCounts(session, target, rows, own, places);
    compared.forEach(({ row, isMessage }, i) => {
      const key = keyOf(target, places, (at) => own[i][at]);
      const times = (this.current.get(key) ?? 0) + 1;
      this.current.set(key, times);
      if (times + (this.last.get(key) ?? 0) > (stored.get(key) ?? 0)) return;
      present.add(row);
      this.present.rows++;
      if (isMessage) this.present.messages++;
    });
  }
}

/** How often each candidate row is in the table. */
async function storedCounts(
  session: Session,
  target: Target,
  rows: TableRows,
  own: readonly ColumnValue[][],
  places: readonly number[],
): Promise<Map<string, number>> {
  const { dialect } = session;
  const nameOf = (at: number) => dialect.quote(target.names[at]);
  const values: ColumnValue[] = [];
  const conditions: string[] = [];
  for (const at of [...placesOf(target, rows, INDEXED).slice(0, 1), ...placesOf(target, rows, TIMES)]) {
    const list = padded([...new Set(own.map((row) => row[at]))]);
    values.push(...list);
    conditions.push(`${nameOf(at)} IN (${list.map(() => '?').join(',')})`);
  }
  const counts = new Map<string, number>();
  if (conditions.length === 0) return counts;
  const selected = places.map((at) => `${target.columns[at].kind === 'time' ? `CAST(${nameOf(at)} AS CHAR(19))` : nameOf(at)} AS c${at}`);
  const sql = `SELECT ${selected.join(', ')} FROM ${tableText(dialect, target.table)} WHERE ${conditions.join(' AND ')}`;
  for (const row of await session.all(sql, values)) {
    const key = keyOf(target, places, (at) => row[`c${at}`] as ColumnValue);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

/** Places, among the target's columns, of those of ours that it has. */
function placesOf(target: Target, rows: TableRows, names: readonly string[]): number[] {
  return names
    .map((name) => target.places.indexOf(rows.columns.indexOf(name)))
    .filter((at) => at >= 0 && (target.columns[at].kind !== 'parsed' || target.columns[at].type === 'jsonb'));
}

/** To limit the number of distinct statements, the list is padded to a power of two with its last value. */
function padded(list: ColumnValue[]): ColumnValue[] {
  const length = 2 ** Math.ceil(Math.log2(list.length));
  return [...list, ...new Array<ColumnValue>(length - list.length).fill(list[list.length - 1])];
}

function keyOf(target: Target, places: readonly number[], valueAt: (at: number) => ColumnValue): string {
  const hash = createHash('sha256').update(target.table);
  for (const at of places) {
    const bytes = bytesOf(valueAt(at), target.columns[at]);
    hash.update(`\n${bytes.length}:`).update(bytes);
  }
  return hash.digest('base64');
}

/** A value as sent and as returned by the database's client map to the same bytes. */
function bytesOf(value: ColumnValue, { kind, type }: TableColumn): Buffer {
  if (value === null) return Buffer.alloc(0);
  if (type === 'jsonb') return Buffer.from(membersOf(value));
  if (Buffer.isBuffer(value)) return value;
  return Buffer.from(kind === 'time' ? String(value).slice(0, 19) : String(value));
}

/** The client returns JSON as an object. */
function membersOf(value: unknown): string {
  const object = (typeof value === 'string' ? JSON.parse(value) : value) as Record<string, unknown>;
  return JSON.stringify(IDENTITY_MEMBERS.map((name) => object[name]));
}

function without(rows: TableRows, present: ReadonlySet<number>): AbsentRows {
  const width = rows.columns.length;
  const values: ColumnValue[] = [];
  const places: number[] = [];
  for (let row = 0; row < rows.count; row++) {
    if (present.has(row)) continue;
    places.push(row);
    for (let i = row * width; i < (row + 1) * width; i++) values.push(rows.values[i]);
  }
  return { rows: { table: rows.table, columns: rows.columns, values, count: places.length }, places };
}
