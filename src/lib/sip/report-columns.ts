/** The columns of the report table in its two shapes: 12 for Homer 5, 17 for Homer 6. */
import type { ColumnValue, Message } from '../base/index.js';
import { cut, nodeText, type Column, type RowContext } from './columns.js';

const text = (name: string, width: number): Column => ({ name, kind: 'text', width });
const integer = (name: string): Column => ({ name, kind: 'integer', width: 0 });
const ENDPOINTS: readonly Column[] = [text('source_ip', 60), integer('source_port'), text('destination_ip', 60), integer('destination_port')];

export const REPORT_COLUMNS: readonly Column[] = [
  { name: 'date', kind: 'time', width: 0 }, integer('micro_ts'), text('correlation_id', 256), ...ENDPOINTS,
  integer('proto'), integer('family'), integer('type'), text('node', 125), { name: 'msg', kind: 'bytes', width: 0 },
];

export const REPORT_COLUMNS_HOMER6: readonly Column[] = [
  { name: 'tss', kind: 'time', width: 0 }, integer('tsu'), text('transaction_id', 256), ...ENDPOINTS,
  integer('proto'), integer('family'), integer('type'), text('node', 125), { name: 'data', kind: 'bytes', width: 0 },
  integer('payload_len'), text('correlation_id', 256), text('capture_ip', 60), integer('capt_id'), text('event', 30),
];

export function reportRow(message: Message, correlationId: string, payloadType: number, context: RowContext, into: ColumnValue[]): void {
  into.push(
    context.dates.utc(message.capturedAt, context.cuts), message.capturedAt, cut(correlationId, 256, 'correlation_id', context.cuts),
    message.sourceAddress, message.sourcePort, message.destinationAddress, message.destinationPort,
    message.protocol, message.family, payloadType, cut(nodeText(context.captureNode, message.captureId), 125, 'node', context.cuts), message.payload,
  );
}

export function reportRowHomer6(message: Message, correlationId: string, payloadType: number, context: RowContext, into: ColumnValue[]): void {
  into.push(
    context.dates.utc(message.capturedAt, context.cuts), message.capturedAt % 1e6, cut(correlationId, 256, 'transaction_id', context.cuts),
    message.sourceAddress, message.sourcePort, message.destinationAddress, message.destinationPort,
    message.protocol, message.family, payloadType, cut(context.captureNode, 125, 'node', context.cuts), message.payload,
    message.payload.length, cut(message.correlationId, 256, 'correlation_id', context.cuts), message.envelope?.localAddress ?? '',
    Math.max(message.captureId, 0), cut(eventOf(message.payload), 30, 'event', context.cuts),
  );
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
