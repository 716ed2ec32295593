/** The columns of the report table in its two shapes: 12 for Homer 5, 17 for Homer 6. */
import type { ColumnValue, Message } from '../base/index.js';
import { cut, type Column, type RowContext } from './sip-columns.js';

const text = (name: string, width: number): Column => ({ name, kind: 'text', width });
const integer = (name: string): Column => ({ name, kind: 'integer', width: 0 });
const ENDPOINTS: readonly Column[] = [
  text('source_ip', 60),
  integer('source_port'),
  text('destination_ip', 60),
  integer('destination_port'),
];

export const REPORT_COLUMNS: readonly Column[] = [
  { name: 'date', kind: 'time', width: 0 },
  integer('micro_ts'),
  text('correlation_id', 256),
  ...ENDPOINTS,
  integer('proto'),
  integer('family'),
  integer('type'),
  text('node', 125),
  { name: 'msg', kind: 'bytes', width: 0 },
];

export const REPORT_COLUMNS_HOMER6: readonly Column[] = [
  { name: 'tss', kind: 'time', width: 0 },
  integer('tsu'),
  text('transaction_id', 256),
  ...ENDPOINTS,
  integer('proto'),
  integer('family'),
  integer('type'),
  text('node', 125),
  { name: 'data', kind: 'bytes', width: 0 },
  integer('payload_len'),
  text('correlation_id', 256),
  text('capture_ip', 60),
  integer('capt_id'),
  text('event', 30),
];

export function reportRow(
  message: Message,
  correlationId: string,
  payloadType: number,
  context: RowContext,
  into: ColumnValue[],
  at = into.length,
): void {
  into[at] = context.dates.at(message.capturedAt, context.cuts);
  into[at + 1] = message.capturedAt;
  into[at + 2] = cut(correlationId, 256, 'correlation_id', context.cuts);
  into[at + 3] = message.sourceAddress;
  into[at + 4] = message.sourcePort;
  into[at + 5] = message.destinationAddress;
  into[at + 6] = message.destinationPort;
  into[at + 7] = message.protocol;
  into[at + 8] = message.family;
  into[at + 9] = payloadType;
  into[at + 10] = context.nodes.of(context.captureNode, message.captureId, context.cuts);
  into[at + 11] = message.payload;
}

export function reportRowHomer6(
  message: Message,
  correlationId: string,
  payloadType: number,
  context: RowContext,
  into: ColumnValue[],
  at = into.length,
): void {
  into[at] = context.dates.at(message.capturedAt, context.cuts);
  into[at + 1] = message.capturedAt % 1e6;
  into[at + 2] = cut(correlationId, 256, 'transaction_id', context.cuts);
  into[at + 3] = message.sourceAddress;
  into[at + 4] = message.sourcePort;
  into[at + 5] = message.destinationAddress;
  into[at + 6] = message.destinationPort;
  into[at + 7] = message.protocol;
  into[at + 8] = message.family;
  into[at + 9] = payloadType;
  into[at + 10] = cut(context.captureNode, 125, 'node', context.cuts);
  into[at + 11] = message.payload;
  into[at + 12] = message.payload.length;
  into[at + 13] = cut(message.correlationId, 256, 'correlation_id', context.cuts);
  into[at + 14] = message.envelope?.localAddress ?? '';
  into[at + 15] = Math.max(message.captureId, 0);
  into[at + 16] = cut(eventOf(message.payload), 30, 'event', context.cuts);
}

/** The member `Event` (in any case) of a JSON object, where it is text. */
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
