/**
 * The tables that hold messages, whoever created them: one by its name, dated ones by a pattern, or all that are found. Of
 * each the columns are determined and how its `date` relates to the exact time.
 */
import { UsageError } from '../../base/index.js';
import { tablesNamed } from '../sql/dated-tables.js';
import type { Dialect } from '../sql/dialect.js';
import { tableText } from '../sql/names.js';
import { ownTables, schemaVersion } from '../sql/own-tables.js';
import type { Session } from '../sql/session.js';
import { shapeOf, type TableShape } from '../sql/shape-of.js';
import type { TableColumn } from '../sql/table-column.js';
import { eachOf } from './each-of.js';
import { homer7Columns } from './homer7-columns.js';
import type { MessageQuery } from './query.js';
import type { ReadColumn, TableKind } from './read-column.js';

/** What tables hold, and what OpenSIPS, Kamailio and Homer 5 call theirs. */
const KINDS = {
  messages: {
    shapes: ['sip_capture'],
    usual: /^(?:sip_capture(?:_[A-Za-z0-9_]*)?|hep_proto_1_(?:call|registration|default))$/i,
    what: 'SIP messages',
  },
  reports: {
    shapes: ['rtcp_capture', 'rtcp_capture_homer6'],
    usual: /^(?:(?:(?:ops_)?report|rtcp|logs)_capture(?:_[A-Za-z0-9_]*)?|hep_proto_(?!1_)\d+_default)$/i,
    what: 'reports',
  },
} as const;
/** Homer 6 columns by their Homer 5 names. */
const HOMER6: Readonly<Record<string, string>> = { date: 'tss', correlation_id: 'transaction_id', msg: 'data', micro_ts: '' };
/** Rows at either end of a table whose two times are compared. */
const SAMPLE = 5;
const QUARTER = 900;
/** Zones are at most 14 hours from UTC. */
const MAX_OFFSET = 14 * 3600;
const HOUR = 3600;

export class MessageTable {
  /** Its name as SQL has it. */
  readonly text: string;
  readonly dialect: Dialect;
  /** Seconds that `date` is ahead of UTC, at least and at most; null if unreliable. */
  offsets: { min: number; max: number } | null = null;
  /** Seconds since 1970 of its first and last row; null if unknown. */
  span: { from: number; to: number } | null = null;
  isEmpty = false;
  /** The word before the conditions of a search. */
  filter = 'WHERE';
  /** Partitioned by `date`, which is the exact time in UTC: searches are always limited to times that the table holds. */
  readonly isByTime: boolean;
  private readonly byName: ReadonlyMap<string, ReadColumn>;

  constructor(
    { dialect }: Session,
    readonly name: string,
    columns: readonly TableColumn[],
    private readonly renames: Readonly<Record<string, string>>,
    readonly kind: TableKind = 'messages',
  ) {
    this.dialect = dialect;
    this.text = tableText(this.dialect, name);
    this.isByTime = columnShape(columns) === 'homer7';
    this.byName = this.isByTime
      ? homer7Columns(name)
      : new Map(
          columns.map((column) => {
            const sql = this.dialect.quote(column.name);
            return [column.name.toLowerCase(), { ...column, sql, selected: sql, mayLack: false }];
          }),
        );
  }

  /** The clause with these conditions, none if null. */
  filterBy(conditions: { readonly text: string } | null): string {
    return conditions === null ? '' : ` ${this.filter} ${conditions.text}`;
  }

  /** The column with the content of our column; null if the table has none. */
  column(ours: string): ReadColumn | null {
    return this.byName.get((this.renames[ours] ?? ours).toLowerCase()) ?? null;
  }

  /** The column that orders the rows: the time to the second if there is one. */
  get order(): 'date' | 'micro_ts' | null {
    return this.column('date') !== null ? 'date' : this.column('micro_ts') !== null ? 'micro_ts' : null;
  }
}

export interface TableChoice {
  kind: TableKind;
  /** A name, optionally with a strftime suffix; '' for all that exist. */
  asked: string;
  /** Names of our columns in the user's tables. */
  renames?: Readonly<Record<string, string>>;
  /** Having none is not an error. */
  isOptional: boolean;
}

/** Throws if there is none, unless allowed; a database that sipcap writes gets its tables with the first row. */
export async function messageTables(session: Session, { kind, asked, renames = {}, isOptional }: TableChoice): Promise<MessageTable[]> {
  const names = await tableNames(session, kind, asked);
  const found = await eachOf(session, names, async (name) => {
    const [columns, filter] = await Promise.all([session.columns(name), session.filterOf?.(name)]);
    const table = tableOf(session, kind, name, columns, renames);
    if (table.column('msg') === null || (kind === 'messages') !== (table.column('callid') !== null)) return [];
    table.filter = filter ?? table.filter;
    await lookAtTimes(session, table);
    return [table];
  });
  const tables = found.flat();
  if (tables.length > 0 || isOptional || (asked === '' && (await isOwnDatabase(session)))) return tables;
  const { what } = KINDS[kind];
  throw new UsageError(
    asked === ''
      ? `no table of ${what} in this database: use --table NAME`
      : `no table ${asked} with ${what} in this database: use --table NAME`,
  );
}

export function tableOf(
  session: Session,
  kind: TableKind,
  name: string,
  columns: readonly TableColumn[],
  renames: Readonly<Record<string, string>> = {},
): MessageTable {
  const shape = columnShape(columns);
  if (shape === 'homer7') return new MessageTable(session, name, columns, {}, kind);
  const isHomer6 = kind === 'reports' && shape === 'rtcp_capture_homer6';
  // OpenSIPS has its reports in `data` also where the rest is as in Homer 5.
  const isData = kind === 'reports' && !columns.some((column) => column.name.toLowerCase() === 'msg');
  const own = isHomer6 ? HOMER6 : isData ? { ...renames, msg: 'data' } : renames;
  return new MessageTable(session, name, columns, own, kind);
}

function columnShape(columns: readonly TableColumn[]): TableShape {
  return shapeOf(columns.map((column) => column.name.toLowerCase()));
}

/** The requested tables, or those that we created and those with a common name. */
export async function tableNames(session: Session, kind: TableKind, asked: string): Promise<string[]> {
  const { shapes, usual } = KINDS[kind];
  if (asked !== '') return tablesNamed(session, asked, shapes);
  const own = async () => {
    const tables = await ownTables(session).catch(() => []);
    return tables.filter(({ shape }) => (shapes as readonly string[]).includes(shape)).map(({ name }) => name);
  };
  const listed = async () =>
    (await session.all(session.dialect.listTables, [])).map(({ name }) => String(name)).filter((name) => usual.test(name));
  return [...new Set((await eachOf(session, [own, listed], (names) => names())).flat())];
}

/** Storing makes a database its own before there is any row. */
export async function isOwnDatabase(session: Session): Promise<boolean> {
  return (await schemaVersion(session).catch(() => 0)) > 0;
}

/** Those that may hold rows of that time. */
export function inTime(
  tables: readonly MessageTable[],
  { since, until }: Pick<MessageQuery, 'since' | 'until'>,
  margin: number,
): MessageTable[] {
  return tables.filter(({ span, isEmpty }) => {
    if (isEmpty) return false;
    if (span === null) return true;
    return (since === null || (span.to + 1) * 1e6 + margin >= since) && (until === null || (span.from - 1) * 1e6 - margin <= until);
  });
}

/** Programs write `date` in UTC or in their local zone: the first and the last rows reveal the difference. */
async function lookAtTimes(session: Session, table: MessageTable): Promise<void> {
  const date = table.column('date');
  if (date === null) return;
  const micro = table.column('micro_ts');
  const name = date.sql;
  const micros = micro === null ? '0' : micro.sql;
  const read = (direction: 'ASC' | 'DESC') =>
    session.all(
      `SELECT ${dateText(session.dialect, name, date)} AS d, ${micros} AS m FROM ${table.text} ORDER BY ${name} ${direction} LIMIT ${SAMPLE}`,
      [],
    );
  const { ends } = session;
  const first = ends === undefined ? await read('ASC') : await session.ends!(table.name, name, micros);
  if (first.length === 0) {
    table.isEmpty = true;
    return;
  }
  const rows = ends === undefined ? [...first, ...(await read('DESC'))] : first;
  if (date.kind !== 'time' && date.kind !== 'text') return;
  if (!rows.every(({ d }) => /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/.test(String(d ?? '')))) return;
  const offsets = rows.map(({ d, m }) => offsetOf(secondsOf(d), Number(m ?? 0))).filter((offset) => !Number.isNaN(offset));
  if (offsets.length === 0 && !table.isByTime) return;
  const isUtc = table.isByTime || offsets.every((offset) => offset === 0);
  // Local time may change with the season between the samples.
  table.offsets = isUtc ? { min: 0, max: 0 } : { min: Math.min(...offsets) - HOUR, max: Math.max(...offsets) + HOUR };
  const times = rows.map(({ d }) => secondsOf(d)).filter((seconds) => !Number.isNaN(seconds));
  table.span = { from: Math.min(...times) - table.offsets.max, to: Math.max(...times) - table.offsets.min };
}

/** Whole quarters of an hour; NaN if the two times are unrelated. */
function offsetOf(seconds: number, micros: number): number {
  if (!(micros > 0)) return 0;
  const difference = seconds - Math.floor(micros / 1e6);
  const offset = Math.round(difference / QUARTER) * QUARTER;
  return Math.abs(offset) <= MAX_OFFSET && Math.abs(difference - offset) <= 2 ? offset + 0 : NaN;
}

/** Seconds since 1970 of `YYYY-MM-DD HH:MM:SS`. */
export function secondsOf(date: unknown): number {
  return Math.floor(Date.parse(`${String(date).slice(0, 19).replace(' ', 'T')}Z`) / 1000);
}

/** The column as text that the database accepts back unchanged. */
export function dateText(dialect: Dialect, name: string, { kind }: TableColumn): string {
  if (kind === 'time' && dialect.timeText !== undefined) return dialect.timeText(name);
  return kind === 'time' ? `CAST(${name} AS CHAR(29))` : name;
}
