/** The columns of the report table in its two formats: 12 for Homer 5, 17 for Homer 6. */
import type { ColumnValue, Message } from '../base/index.js';
import { bytes, identity, integer, rowWriter, text, time, type RowColumn, type RowContext } from './column.js';

/** What a script may set for a report: by default the message's own. */
export interface ReportFields {
  correlationId: string;
  payloadType: number;
}

const ENDPOINTS: readonly RowColumn<ReportFields>[] = [
  text('source_ip', 60, (message) => message.sourceAddress),
  integer('source_port', (message) => message.sourcePort),
  text('destination_ip', 60, (message) => message.destinationAddress),
  integer('destination_port', (message) => message.destinationPort),
  integer('proto', (message) => message.protocol),
  integer('family', (message) => message.family),
  integer('type', (_, report) => report.payloadType),
];

export const REPORT_COLUMNS: readonly RowColumn<ReportFields>[] = [
  time('date'),
  integer('micro_ts', (message) => message.capturedAt),
  text('correlation_id', 256, (_, report) => report.correlationId),
  ...ENDPOINTS,
  text('node', 125, (message, _, context) => context.nodes.of(context.captureNode, message.captureId)),
  bytes('msg', (message) => message.payload),
];

export const REPORT_COLUMNS_HOMER6: readonly RowColumn<ReportFields>[] = [
  time('tss'),
  integer('tsu', (message) => message.capturedAt % 1e6),
  text('transaction_id', 256, (_, report) => report.correlationId),
  ...ENDPOINTS,
  text('node', 125, (_message, _report, context) => context.captureNode),
  bytes('data', (message) => message.payload),
  integer('payload_len', (message) => message.payload.length),
  text('correlation_id', 256, (message) => message.correlationId),
  text('capture_ip', 60, (message) => message.envelope?.localAddress ?? ''),
  integer('capt_id', (message) => Math.max(message.captureId, 0)),
  text('event', 30, (message) => eventOf(message.payload)),
];

const writeReport = rowWriter(REPORT_COLUMNS);
const writeReportHomer6 = rowWriter(REPORT_COLUMNS_HOMER6);
const writeIdentified = rowWriter([...REPORT_COLUMNS, ...identity<ReportFields>()]);
const writeIdentifiedHomer6 = rowWriter([...REPORT_COLUMNS_HOMER6, ...identity<ReportFields>()]);

export function reportRow(
  message: Message,
  correlationId: string,
  payloadType: number,
  context: RowContext,
  into: ColumnValue[],
  at = into.length,
): void {
  const write = context.streams === undefined ? writeReport : writeIdentified;
  write(message, { correlationId, payloadType }, context, into, at);
}

export function reportRowHomer6(
  message: Message,
  correlationId: string,
  payloadType: number,
  context: RowContext,
  into: ColumnValue[],
  at = into.length,
): void {
  const write = context.streams === undefined ? writeReportHomer6 : writeIdentifiedHomer6;
  write(message, { correlationId, payloadType }, context, into, at);
}

/** The member `Event` (in any case) of a JSON object, if it is text. */
function eventOf(payload: Buffer): string {
  if (payload[0] !== 0x7b) return '';
  try {
    const object = JSON.parse(payload.toString('utf8')) as Record<string, unknown>;
    const name = Object.keys(object).find((key) => key.toLowerCase() === 'event');
    const value = name === undefined ? '' : object[name];
    return typeof value === 'string' ? value : '';
  } catch {
    return '';
  }
}
