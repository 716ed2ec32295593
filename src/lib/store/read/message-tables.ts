/**
 * The tables that hold SIP messages, whoever created them: one by its name, dated ones by a pattern, or all that are found.
 * Of each it is found out what columns it has and how its `date` relates to the exact time.
 */
import { UsageError } from '../../base/index.js';
import { tablesNamed } from '../sql/dated-tables.js';
import { tableText } from '../sql/names.js';
import { ownTables } from '../sql/own-tables.js';
import type { Session } from '../sql/session.js';
import { shapeOf } from '../sql/shape-of.js';
import type { TableColumn } from '../sql/table-column.js';

/** What OpenSIPS, Kamailio and Homer 5 call theirs. */
const USUAL = /^sip_capture(?:_[A-Za-z0-9_]*)?$/i;
/** Rows at either end of a table whose two times are compared. */
const SAMPLE = 5;
const QUARTER = 900;
/** Zones are at most 14 hours from UTC. */
const MAX_OFFSET = 14 * 3600;
const HOUR = 3600;

export class MessageTable {
  /** Its name as SQL has it. */
  readonly text: string;
  /** Seconds that `date` is ahead of UTC, at least and at most; null where it cannot be relied upon. */
  offsets: { min: number; max: number } | null = null;
  /** Seconds since 1970 of its first and last row; null where that is not known. */
  span: { from: number; to: number } | null = null;
  isEmpty = false;
  private readonly byName: ReadonlyMap<string, TableColumn>;

  constructor(
    session: Session,
    readonly name: string,
    columns: readonly TableColumn[],
    private readonly renames: Readonly<Record<string, string>>,
  ) {
    this.text = tableText(session.dialect, name);
    this.byName = new Map(columns.map((column) => [column.name.toLowerCase(), column]));
  }

  /** The column that has our column's contents; null where the table has none. */
  column(ours: string): TableColumn | null {
    return this.byName.get((this.renames[ours] ?? ours).toLowerCase()) ?? null;
  }

  /** By which rows are in order: the time to the second where there is one. */
  get order(): 'date' | 'micro_ts' | null {
    return this.column('date') !== null ? 'date' : this.column('micro_ts') !== null ? 'micro_ts' : null;
  }
}

/** `asked`: a name, perhaps with a strftime suffix; '' for whatever there is. Throws where there is none, unless that is no error. */
export async function messageTables(
  session: Session,
  asked: string,
  renames: Readonly<Record<string, string>> = {},
  isOptional = false,
): Promise<MessageTable[]> {
  const names = asked === '' ? await allTables(session, renames) : await tablesNamed(session, asked, ['sip_capture']);
  const tables: MessageTable[] = [];
  for (const name of names) {
    const table = new MessageTable(session, name, await session.columns(name), renames);
    if (table.column('msg') === null) continue;
    await lookAtTimes(session, table);
    tables.push(table);
  }
  if (tables.length === 0 && !isOptional)
    throw new UsageError(
      asked === ''
        ? 'no table of SIP messages in this database: use --table NAME'
        : `no table ${asked} with SIP messages in this database: use --table NAME`,
    );
  return tables;
}

async function allTables(session: Session, renames: Readonly<Record<string, string>>): Promise<string[]> {
  const own = (await ownTables(session).catch(() => [])).filter(({ shape }) => shape === 'sip_capture').map(({ name }) => name);
  const listed = (await session.all(session.dialect.listTables, [])).map(({ name }) => String(name));
  const found: string[] = [];
  for (const name of new Set([...own, ...listed.filter((each) => USUAL.test(each))])) {
    const columns = (await session.columns(name)).map((column) => column.name.toLowerCase());
    const callId = (renames.callid ?? 'callid').toLowerCase();
    if (columns.includes(callId) || (columns.length > 0 && shapeOf(columns) === 'sip_capture')) found.push(name);
  }
  return found;
}

/** Programs write `date` in UTC or in their local zone: the first and the last rows tell by how much it differs. */
async function lookAtTimes(session: Session, table: MessageTable): Promise<void> {
  const date = table.column('date');
  if (date === null) return;
  const micro = table.column('micro_ts');
  const name = session.dialect.quote(date.name);
  const micros = micro === null ? '0' : session.dialect.quote(micro.name);
  const read = (direction: 'ASC' | 'DESC') =>
    session.all(`SELECT ${dateText(name, date)} AS d, ${micros} AS m FROM ${table.text} ORDER BY ${name} ${direction} LIMIT ${SAMPLE}`, []);
  const first = await read('ASC');
  if (first.length === 0) {
    table.isEmpty = true;
    return;
  }
  const rows = [...first, ...(await read('DESC'))];
  if (date.kind !== 'time' && date.kind !== 'text') return;
  if (!rows.every(({ d }) => /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/.test(String(d ?? '')))) return;
  const offsets = rows.map(({ d, m }) => offsetOf(secondsOf(d), Number(m ?? 0))).filter((offset) => !Number.isNaN(offset));
  if (offsets.length === 0) return;
  const isUtc = offsets.every((offset) => offset === 0);
  // Local time may change with the season between the samples.
  table.offsets = isUtc ? { min: 0, max: 0 } : { min: Math.min(...offsets) - HOUR, max: Math.max(...offsets) + HOUR };
  const times = rows.map(({ d }) => secondsOf(d)).filter((seconds) => !Number.isNaN(seconds));
  table.span = { from: Math.min(...times) - table.offsets.max, to: Math.max(...times) - table.offsets.min };
}

/** Whole quarters of an hour; NaN where the two times have nothing to do with each other. */
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

/** The column as text that the database takes back as it gave it. */
export function dateText(name: string, { kind }: TableColumn): string {
  return kind === 'time' ? `CAST(${name} AS CHAR(29))` : name;
}
