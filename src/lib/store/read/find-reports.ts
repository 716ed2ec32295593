/** Stored reports (RTCP, quality records, logs) from tables of either format, whoever created them. Read-only. */
import { UsageError, type ColumnValue, type StoredReport } from '../../base/index.js';
import { timeText } from '../period.js';
import type { ResultRow } from '../sql/queries.js';
import type { Session } from '../sql/session.js';
import { isOwnDatabase, tableNames, tableOf } from './message-tables.js';
import { payloadTypeOf } from './row-message.js';

export interface ReportFilter {
  /** Of any of these; empty for any. */
  correlationIds: readonly string[];
  /** -1 for any. */
  payloadType: number;
  /** Microseconds since 1970, null for no limit; `until` itself is excluded. */
  since: number | null;
  until: number | null;
  /** The newest of them. */
  limit: number;
}

/** Correlation ids of one query. */
const GROUP = 500;
/** Maximum offset of a time zone from UTC: programs write `date` in theirs. */
const MAX_OFFSET = 14 * 3600;

/**
 * In time order. `asked`: a table's name, optionally with a strftime suffix (all of its tables); '' for all that
 * exist. Throws if there is none, except in a database that sipcap writes: there the first report creates the table.
 */
export async function findReports(session: Session, asked: string, filter: ReportFilter): Promise<StoredReport[]> {
  if ((await reportTables(session, asked)).length === 0 && !(await isOwnDatabase(session)))
    throw new UsageError('no table of reports in this database: use --table NAME');
  return reportsBeside(session, asked, filter);
}

/** As above, none if the database has no table of reports: for reading reports along with messages. */
export async function reportsBeside(session: Session, asked: string, filter: ReportFilter): Promise<StoredReport[]> {
  const tables = await reportTables(session, asked);
  const found: StoredReport[] = [];
  const { correlationIds } = filter;
  for (const table of tables)
    for (let from = 0; from === 0 || from < correlationIds.length; from += GROUP)
      found.push(...(await reportsIn(session, table, { ...filter, correlationIds: correlationIds.slice(from, from + GROUP) })));
  return found.sort((a, b) => a.capturedAt - b.capturedAt).slice(-filter.limit);
}

async function reportTables(session: Session, asked: string): Promise<string[]> {
  const names = await tableNames(session, 'reports', asked);
  if (asked !== '' && names.length === 0) throw new UsageError(`no table ${asked} in this database: use --table NAME`);
  const found: string[] = [];
  for (const name of names) if ((await session.columns(name)).length > 0) found.push(name);
  return found;
}

async function reportsIn(session: Session, name: string, filter: ReportFilter): Promise<StoredReport[]> {
  const table = tableOf(session, 'reports', name, await session.columns(name));
  const date = table.column('date');
  const exact = table.column('micro_ts');
  // Homer 6 has the second and its fraction in two columns.
  const isHomer6 = exact === null;
  const micros = exact ?? table.column('tsu');
  const id = table.column('correlation_id');
  if (date === null || micros === null || id === null) return [];
  const where: string[] = [];
  const values: ColumnValue[] = [];
  const ask = (text: string, ...asked: ColumnValue[]) => {
    where.push(text);
    values.push(...asked);
  };
  const { correlationIds: ids, since, until } = filter;
  if (ids.length > 0) ask(`${id.sql} IN (${ids.map(() => '?').join(',')})`, ...ids);
  const type = table.column('type');
  if (filter.payloadType >= 0 && type !== null) ask(`${type.sql} = ?`, filter.payloadType);
  const bound = session.dialect.timeValue ?? '?';
  const margin = isHomer6 ? 0 : MAX_OFFSET;
  if (since !== null) ask(`${date.sql} >= ${bound}`, timeText(Math.floor(since / 1e6) - margin));
  if (until !== null) ask(`${date.sql} <= ${bound}`, timeText(Math.ceil(until / 1e6) + margin));
  if (!isHomer6 && since !== null) ask(`${micros.sql} >= ?`, since);
  if (!isHomer6 && until !== null) ask(`${micros.sql} < ?`, until);
  const columns = SELECTED.flatMap((ours) => {
    const column = table.column(ours);
    return column === null ? [] : [`${column.sql} AS ${ours}`];
  });
  const sql = `SELECT ${columns.join(', ')} FROM ${table.text}${where.length > 0 ? ` WHERE ${where.join(' AND ')}` : ''} ORDER BY ${date.sql} DESC, ${micros.sql} DESC LIMIT ${filter.limit}`;
  const rows = await session.all(sql, values);
  return rows
    .reverse()
    .map((row) => reportOf(name, row, isHomer6))
    .filter(({ capturedAt }) => (since === null || capturedAt >= since) && (until === null || capturedAt < until));
}

/** Our columns that a report is built from. */
const SELECTED = [
  'date',
  'micro_ts',
  'tsu',
  'correlation_id',
  'source_ip',
  'source_port',
  'destination_ip',
  'destination_port',
  'type',
  'node',
  'msg',
];

function reportOf(table: string, row: ResultRow, isHomer6: boolean): StoredReport {
  return {
    capturedAt: isHomer6 ? secondsOf(row.date) * 1e6 + Number(row.tsu) : Number(row.micro_ts),
    correlationId: textOf(row.correlation_id),
    sourceAddress: textOf(row.source_ip),
    sourcePort: Number(row.source_port ?? 0),
    destinationAddress: textOf(row.destination_ip),
    destinationPort: Number(row.destination_port ?? 0),
    payloadType: payloadTypeOf(table, Number(row.type ?? 0)),
    node: textOf(row.node),
    payload: bytesOf(row.msg),
  };
}

function textOf(value: unknown): string {
  return value === null || value === undefined ? '' : String(value);
}

function bytesOf(value: unknown): Buffer {
  return Buffer.isBuffer(value) ? value : Buffer.from(textOf(value));
}

function secondsOf(value: unknown): number {
  return value instanceof Date ? Math.floor(value.getTime() / 1000) : Math.floor(Date.parse(`${String(value).replace(' ', 'T')}Z`) / 1000);
}
