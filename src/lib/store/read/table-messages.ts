/**
 * The messages of one table that a query finds, in time order and page by page, so that neither the database
 * nor this program holds more than a page: along the index of `date`, or by another index if that selects few rows.
 */
import type { ColumnValue, Message } from '../../base/index.js';
import { timeText } from '../period.js';
import type { ResultRow } from '../sql/queries.js';
import type { Session } from '../sql/session.js';
import { conditionSql, joined, selectivity, type SqlCondition } from './condition-sql.js';
import type { MessageTable } from './message-tables.js';
import type { MessageQuery } from './query.js';
import { messageOf, selectedColumns, selection } from './row-message.js';

/** Rows per page: of a single stream read to its end, and of one of many read concurrently. */
const SCAN_ROWS = 5000;
const PICK_ROWS = 2000;
/** Rows of one second that are sorted together; a second with more is in the order in which it was stored. */
const MAX_HELD = 20_000;
const HOUR_SECONDS = 3600;

/** Called with how many rows had no message text. */
export type OnEmptyRows = (rows: number) => void;

export interface TableSearch {
  session: Session;
  table: MessageTable;
  query: MessageQuery;
  onEmpty: OnEmptyRows;
}

export function tableMessages(search: TableSearch): AsyncGenerator<Message[]> {
  const { table, query, session } = search;
  if (session.stream !== undefined) return streamed(search);
  const by = table.column('id') === null || table.column('micro_ts') === null ? 'none' : selectivity(query.condition, table.kind);
  return by === 'none' ? scanned(search, -Infinity, 0) : picked(search, by === 'key');
}

/** The conditions of a query on a table, without those of a page. */
export function searchConditions({ table, query }: Pick<TableSearch, 'table' | 'query'>): SqlCondition[] {
  const condition = conditionSql(table, query.condition);
  return [...timeConditions({ table, query }), ...(condition === null ? [] : [condition])];
}

/** The query as SQL for `--explain`: its values in the order of the question marks. */
export function explained(search: Pick<TableSearch, 'table' | 'query'>): SqlCondition {
  const where = joined(searchConditions(search), ' AND ');
  const { table } = search;
  return {
    text: `SELECT ${selectedColumns(table)} FROM ${table.text}${table.filterBy(where)}`,
    values: where?.values ?? [],
  };
}

/** Sorted by the server, and sent as a stream; without a key hour by hour, so that it need not sort everything. */
async function* streamed(search: TableSearch): AsyncGenerator<Message[]> {
  const { session, table, query } = search;
  const { timeValue = '?' } = table.dialect;
  const order = ['micro_ts', 'stream', 'sequence'].flatMap((name) => table.column(name) ?? []).map(({ sql }) => sql);
  const columns = selection(table);
  const selected = selectedColumns(table);
  const sorting = order.length === 0 ? '' : ` ORDER BY ${order.join(', ')}`;
  const date = table.column('date');
  const isPicked = selectivity(query.condition, table.kind) !== 'none' || date?.kind !== 'time';
  for (const hour of isPicked ? [null] : await hoursOf(search, date.sql)) {
    const conditions = searchConditions(search);
    if (hour !== null) {
      const { sql } = date!;
      const bounds = [timeText(hour), timeText(hour + HOUR_SECONDS)];
      conditions.push({ text: `${sql} >= ${timeValue} AND ${sql} < ${timeValue}`, values: bounds });
    }
    const where = joined(conditions, ' AND ');
    const sql = `SELECT ${selected} FROM ${table.text}${table.filterBy(where)}${sorting}`;
    for await (const rows of session.stream!(sql, where?.values ?? [], columns)) {
      const messages = messagesOf(search, rows);
      if (messages.length > 0) yield messages;
    }
  }
}

/** The hours with rows of the time range, seconds since 1970. */
async function hoursOf(search: TableSearch, date: string): Promise<number[]> {
  const where = joined(timeConditions(search), ' AND ');
  const sql = `SELECT intDiv(toUInt32(${date}), ${HOUR_SECONDS}) AS h FROM ${search.table.text}${search.table.filterBy(where)} GROUP BY h ORDER BY h`;
  return (await search.session.all(sql, where?.values ?? [])).map(({ h }) => Number(h) * HOUR_SECONDS);
}

/** Along the index of `date`: all rows of a second are put in the order of their exact times. */
async function* scanned(search: TableSearch, after: number, skip: number): AsyncGenerator<Message[]> {
  const { table } = search;
  const order = table.order;
  const date = order === null ? null : table.column(order)!.sql;
  const id = table.column('id')?.sql ?? null;
  const sorting = [date, id].filter((each) => each !== null).join(', ');
  const keyOf = (row: ResultRow) => (order === 'date' ? String(row.d ?? '') : Number(row.micro_ts ?? 0));
  const secondOf = (row: ResultRow) => (order === 'date' ? String(row.d ?? '').slice(0, 19) : row.micro_ts);
  let held: ResultRow[] = [];
  let last: ResultRow | null = null;
  let offset = 0;
  for (;;) {
    const page: SqlCondition[] = searchConditions(search);
    if (last !== null && date !== null && id !== null) {
      const key = keyOf(last) as ColumnValue;
      page.push({ text: `${date} >= ? AND (${date} > ? OR ${id} > ?)`, values: [key, key, last.n as ColumnValue] });
    }
    const rows = await select(search, page, sorting, SCAN_ROWS, date === null || id === null ? offset : 0);
    offset += rows.length;
    const isLast = rows.length < SCAN_ROWS;
    last = rows[rows.length - 1] ?? null;
    held = held.length === 0 ? rows : held.concat(rows);
    let complete = held.length;
    if (!isLast && held.length < MAX_HELD) {
      const open = secondOf(last!);
      while (complete > 0 && secondOf(held[complete - 1]) === open) complete--;
    }
    const messages = messagesOf(search, held.slice(0, complete)).filter(
      ({ capturedAt }) => capturedAt > after || (capturedAt === after && skip-- <= 0),
    );
    held = held.slice(complete);
    if (messages.length > 0) yield messages;
    if (isLast) return;
  }
}

/** By an index that selects few rows, in the order of their exact times; if it selects many after all, along `date` from there. */
async function* picked(search: TableSearch, always: boolean): AsyncGenerator<Message[]> {
  const { table } = search;
  const id = table.column('id')!.sql;
  const micro = table.column('micro_ts');
  // Not the bare column: its index, or that of the date, would be followed through rows of other calls.
  const time = micro === null ? '0' : `coalesce(${micro.sql}, 0)`;
  const sorting = `${time}, ${id}`;
  let last: ResultRow | null = null;
  for (;;) {
    const page: SqlCondition[] = searchConditions(search);
    if (last !== null) {
      const at = Number(last.micro_ts ?? 0);
      page.push({ text: `(${time} > ? OR (${time} = ? AND ${id} > ?))`, values: [at, at, last.n as ColumnValue] });
    }
    const rows = await select(search, page, sorting, PICK_ROWS, 0);
    const messages = messagesOf(search, rows);
    if (messages.length > 0) yield messages;
    if (rows.length < PICK_ROWS) return;
    last = rows[rows.length - 1];
    const { capturedAt } = messages[messages.length - 1] ?? { capturedAt: 0 };
    if (always || messages.length === 0 || table.offsets === null || Number(last.micro_ts ?? 0) === 0) continue;
    const rest = { ...search, query: { ...search.query, since: Math.max(capturedAt, search.query.since ?? 0) } };
    yield* scanned(rest, capturedAt, messages.filter((message) => message.capturedAt === capturedAt).length);
    return;
  }
}

function select({ session, table }: TableSearch, conditions: readonly SqlCondition[], sorting: string, rows: number, offset: number) {
  const where = joined(conditions, ' AND ');
  const sql = `SELECT ${selectedColumns(table)} FROM ${table.text}${table.filterBy(where)}${sorting === '' ? '' : ` ORDER BY ${sorting}`} LIMIT ${rows}${offset > 0 ? ` OFFSET ${offset}` : ''}`;
  return session.all(sql, where?.values ?? []);
}

/** In the order of their times; rows of the same time as they were stored. */
function messagesOf({ table, query, onEmpty }: TableSearch, rows: readonly ResultRow[]): Message[] {
  const { since, until } = query;
  const messages: Message[] = [];
  let empty = 0;
  let isSorted = true;
  for (const row of rows) {
    const message = messageOf(row, table);
    if (message === null) {
      empty++;
      continue;
    }
    const { capturedAt } = message;
    if ((since !== null && capturedAt < since) || (until !== null && capturedAt >= until)) continue;
    if (messages.length > 0 && messages[messages.length - 1].capturedAt > capturedAt) isSorted = false;
    messages.push(message);
  }
  if (empty > 0) onEmpty(empty);
  return isSorted ? messages : messages.sort((a, b) => a.capturedAt - b.capturedAt);
}

/** By `date`, to the second, in the zone in which the table has it: the exact time is compared afterwards. */
function timeConditions({ table, query }: Pick<TableSearch, 'table' | 'query'>): SqlCondition[] {
  const date = table.column('date');
  if (date === null || table.offsets === null) return [];
  const name = date.sql;
  const value = (date.kind === 'time' ? table.dialect.timeValue : undefined) ?? '?';
  const { since, until } = query;
  const conditions: SqlCondition[] = [];
  const held = table.isByTime ? table.span : null;
  const from = since === null ? (held?.from ?? NaN) : Math.floor(since / 1e6) + table.offsets.min;
  const to = until === null ? (held?.to ?? NaN) + 1 : Math.ceil(until / 1e6) + table.offsets.max;
  if (isDate(from)) conditions.push({ text: `${name} >= ${value}`, values: [timeText(from)] });
  if (isDate(to)) conditions.push({ text: `${name} <= ${value}`, values: [timeText(to)] });
  return conditions;
}

/** Within what every database's type can hold. */
function isDate(seconds: number): boolean {
  return seconds > 86_400 && seconds < 2_147_000_000;
}
