/** Questions to a report table, of either shape and in any of the databases. */
import { tableText } from './dialect.js';
import type { ResultRow, Session } from './session.js';
import type { ColumnValue } from '../base/index.js';
import { UsageError } from '../base/index.js';

export interface StoredReport {
  /** Microseconds since 1970. */
  capturedAt: number;
  correlationId: string;
  sourceAddress: string;
  sourcePort: number;
  destinationAddress: string;
  destinationPort: number;
  payloadType: number;
  node: string;
  payload: Buffer;
}

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

/** In the order of their times. */
export async function findReports(session: Session, asked: string, filter: ReportFilter): Promise<StoredReport[]> {
  const table = await session.tableNamed(asked);
  const names = new Set((await session.columns(table)).map(({ name }) => name.toLowerCase()));
  if (names.size === 0) throw new UsageError(`there is no table ${asked}`);
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
  const columns = [time, micros, id, 'source_ip', 'source_port', 'destination_ip', 'destination_port', 'type', 'node', body];
  const sql = `SELECT ${columns.map(session.dialect.quote).join(', ')} FROM ${tableText(session.dialect, table)}${where.length > 0 ? ` WHERE ${where.join(' AND ')}` : ''} ORDER BY ${time} DESC, ${micros} DESC LIMIT ${filter.limit}`;
  const rows = await session.all(sql, values);
  return rows.reverse().map((row) => reportOf(row, isHomer6, [time, micros, id, body]));
}

/** Messages of a call: time, method or status, endpoints. */
export interface StoredMessage {
  capturedAt: number;
  method: string;
  replyReason: string;
  sourceAddress: string;
  destinationAddress: string;
  /** X-RTP-Stat or P-RTP-Stat, '' where there is none. */
  rtpStat: string;
}

export async function findCall(session: Session, asked: string, callId: string, limit: number): Promise<StoredMessage[]> {
  const table = await session.tableNamed(asked);
  const columns = (await session.columns(table)).map(({ name }) => name.toLowerCase());
  if (columns.length === 0) return [];
  const stat = columns.includes('rtp_stat') ? ', rtp_stat' : '';
  const rows = await session.all(`SELECT micro_ts, method, reply_reason, source_ip, destination_ip${stat} FROM ${tableText(session.dialect, table)} WHERE callid = ? ORDER BY micro_ts LIMIT ${limit}`, [callId]);
  return rows.map((row) => ({
    capturedAt: Number(row.micro_ts), method: String(row.method), replyReason: String(row.reply_reason), sourceAddress: String(row.source_ip), destinationAddress: String(row.destination_ip), rtpStat: String(row.rtp_stat ?? ''),
  }));
}

function reportOf(row: ResultRow, isHomer6: boolean, [time, micros, id, body]: string[]): StoredReport {
  const value = row[body];
  return {
    capturedAt: isHomer6 ? secondsOf(row[time]) * 1e6 + Number(row[micros]) : Number(row[micros]),
    correlationId: String(row[id]), sourceAddress: String(row.source_ip), sourcePort: Number(row.source_port),
    destinationAddress: String(row.destination_ip), destinationPort: Number(row.destination_port), payloadType: Number(row.type), node: String(row.node),
    payload: Buffer.isBuffer(value) ? value : Buffer.from(String(value ?? '')),
  };
}

function secondsOf(value: unknown): number {
  return value instanceof Date ? Math.floor(value.getTime() / 1000) : Math.floor(Date.parse(`${String(value).replace(' ', 'T')}Z`) / 1000);
}
