/** Reads report tables of either shape, and the messages of a call, whoever created the tables. */
import { tablesNamed } from '../sql/dated-tables.js';
import { tableText } from '../sql/names.js';
import type { ResultRow } from '../sql/queries.js';
import type { Session } from '../sql/session.js';
import { UsageError, type ColumnValue, type StoredMessage, type StoredReport } from '../../base/index.js';

export interface ReportFilter {
  /** '' for any. */
  correlationId: string;
  /** -1 for any. */
  payloadType: number;
  /** `YYYY-MM-DD HH:MM:SS` UTC, '' for no limit; `to` itself is not in it. */
  from: string;
  to: string;
  /** The newest of them. */
  limit: number;
}

/** In the order of their times; of a name with a strftime suffix, out of all its tables. */
export async function findReports(session: Session, asked: string, filter: ReportFilter): Promise<StoredReport[]> {
  const found: StoredReport[] = [];
  const tables = await tablesNamed(session, asked, ['rtcp_capture', 'rtcp_capture_homer6']);
  if (tables.length === 0) throw new UsageError(`no table ${asked} in this database: use --table NAME`);
  for (const table of tables) found.push(...(await reportsIn(session, table, filter)));
  if (tables.length === 1) return found;
  return found.sort((a, b) => a.capturedAt - b.capturedAt).slice(-filter.limit);
}

async function reportsIn(session: Session, table: string, filter: ReportFilter): Promise<StoredReport[]> {
  const names = new Set((await session.columns(table)).map(({ name }) => name.toLowerCase()));
  const isHomer6 = names.has('tss');
  const [time, id, body] = isHomer6 ? ['tss', 'transaction_id', 'data'] : ['date', 'correlation_id', 'msg'];
  const micros = isHomer6 ? 'tsu' : 'micro_ts';
  const where: string[] = [];
  const values: ColumnValue[] = [];
  const ask = (text: string, value: ColumnValue) => {
    where.push(text);
    values.push(value);
  };
  if (filter.correlationId !== '') ask(`${id} = ?`, filter.correlationId);
  if (filter.payloadType >= 0) ask('type = ?', filter.payloadType);
  if (filter.from !== '') ask(`${time} >= ?`, filter.from);
  if (filter.to !== '') ask(`${time} < ?`, filter.to);
  const all = [time, micros, id, 'source_ip', 'source_port', 'destination_ip', 'destination_port', 'type', 'node', body];
  const columns = all.filter((name) => names.has(name));
  const sql = `SELECT ${columns.map(session.dialect.quote).join(', ')} FROM ${tableText(session.dialect, table)}${where.length > 0 ? ` WHERE ${where.join(' AND ')}` : ''} ORDER BY ${time} DESC, ${micros} DESC LIMIT ${filter.limit}`;
  const rows = await session.all(sql, values);
  return rows.reverse().map((row) => reportOf(row, isHomer6, [time, micros, id, body]));
}

/** The first messages of a call; none where there is no such table. */
export async function findCall(session: Session, asked: string, callId: string, limit: number): Promise<StoredMessage[]> {
  const found: StoredMessage[] = [];
  for (const table of await tablesNamed(session, asked, ['sip_capture'])) {
    const columns = (await session.columns(table)).map(({ name }) => name.toLowerCase());
    const stat = columns.includes('rtp_stat') ? ', rtp_stat' : '';
    const rows = await session.all(
      `SELECT micro_ts, method, reply_reason, source_ip, destination_ip, msg${stat} FROM ${tableText(session.dialect, table)} WHERE callid = ? ORDER BY micro_ts LIMIT ${limit}`,
      [callId],
    );
    for (const row of rows) {
      found.push({
        capturedAt: Number(row.micro_ts),
        method: String(row.method),
        replyReason: String(row.reply_reason),
        sourceAddress: String(row.source_ip),
        destinationAddress: String(row.destination_ip),
        rtpStat: String(row.rtp_stat ?? ''),
        payload: bytesOf(row.msg),
      });
    }
  }
  return found.sort((a, b) => a.capturedAt - b.capturedAt).slice(0, limit);
}

function reportOf(row: ResultRow, isHomer6: boolean, [time, micros, id, body]: string[]): StoredReport {
  return {
    capturedAt: isHomer6 ? secondsOf(row[time]) * 1e6 + Number(row[micros]) : Number(row[micros]),
    correlationId: String(row[id]),
    sourceAddress: String(row.source_ip),
    sourcePort: Number(row.source_port),
    destinationAddress: String(row.destination_ip),
    destinationPort: Number(row.destination_port),
    payloadType: Number(row.type),
    node: String(row.node ?? ''),
    payload: bytesOf(row[body]),
  };
}

function bytesOf(value: unknown): Buffer {
  return Buffer.isBuffer(value) ? value : Buffer.from(String(value ?? ''));
}

function secondsOf(value: unknown): number {
  return value instanceof Date ? Math.floor(value.getTime() / 1000) : Math.floor(Date.parse(`${String(value).replace(' ', 'T')}Z`) / 1000);
}
