/** Homer 5's own tables, one set a day: SIP by the method in its CSeq, reports by their type. */
import type { ColumnValue, Message } from '../base/index.js';
import type { RowContext } from './column.js';
import type { MethodClass } from './homer7-tables.js';
import { SIP_CAPTURE_COLUMNS, sipCaptureRow } from './sip-columns.js';

/** Names of tables, with a strftime suffix. */
export const SPLIT_SIP_TABLES: Readonly<Record<MethodClass, string>> = {
  call: 'sip_capture_call_%Y%m%d',
  registration: 'sip_capture_registration_%Y%m%d',
  rest: 'sip_capture_rest_%Y%m%d',
};
export const SPLIT_REPORT_TABLES = {
  rtcp: 'rtcp_capture_all_%Y%m%d',
  logs: 'logs_capture_all_%Y%m%d',
  report: 'report_capture_all_%Y%m%d',
} as const;

/** The key of the table for a payload type. */
export function splitReportTable(payloadType: number): keyof typeof SPLIT_REPORT_TABLES {
  return payloadType === 5 ? 'rtcp' : payloadType === 100 ? 'logs' : 'report';
}

/** Those of sip_capture, and `expires`. */
export const SPLIT_COLUMNS: readonly string[] = [...SIP_CAPTURE_COLUMNS.map(({ name }) => name), 'expires'];
const MAX_SECONDS = 2_147_483_647;

/** `message.sip` must be filled; `expires` is the value of its Expires header. */
export function splitRow(message: Message, expires: string, context: RowContext, into: ColumnValue[], at: number): void {
  sipCaptureRow(message, context, into, at);
  into[at + SIP_CAPTURE_COLUMNS.length] = secondsOf(expires);
}

/** -1 without a number. */
function secondsOf(text: string): number {
  return /^\d+$/.test(text) ? Math.min(Number(text), MAX_SECONDS) : -1;
}
