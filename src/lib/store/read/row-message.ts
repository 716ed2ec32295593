/** Stored rows as messages, the same record as from a file with its SIP not parsed yet; and messages as reports. */
import {
  FAMILY_IPV4,
  FAMILY_IPV6,
  NO_FRAMES,
  PAYLOAD_RTCP,
  PAYLOAD_SIP,
  ipv6Text,
  parseIpv6,
  type Message,
  type StoredReport,
} from '../../base/index.js';
import type { ResultRow } from '../sql/queries.js';
import type { SelectedColumn } from '../sql/session.js';
import { dateText, secondsOf, type MessageTable } from './message-tables.js';
import type { ReadColumn } from './read-column.js';

/** Our columns that a message is built from; `d` is the date as text. */
const COLUMNS = [
  'micro_ts',
  'source_ip',
  'source_port',
  'destination_ip',
  'destination_port',
  'proto',
  'family',
  'node',
  'correlation_id',
  'msg',
  'type',
  'stream',
  'sequence',
];
/** What Kamailio stores as reports. */
const PAYLOAD_QOS = 32;
const PAYLOAD_OTHER = 99;
const PAYLOAD_LOG = 100;
/** OpenSIPS' own transport numbers, used when it captured without HEP, as IP protocol numbers. */
const OWN_PROTOCOLS: Readonly<Record<number, number>> = { 1: 17, 2: 6, 3: 22, 4: 132, 5: 50 };
/** The default of `--capture-node`: no name at all. */
const DEFAULT_NODE = 'homer01';
const NODE = /^(.*?)(?::(\d{1,10}))?$/s;

/** What `messageOf` needs, selected under our names and the row's number as `n`. */
export function selectedColumns(table: MessageTable): string {
  return selection(table)
    .map(({ sql, name }) => `${sql} AS ${name}`)
    .join(', ');
}

/** The same with the types of the columns; '' for one that the database makes. */
export function selection(table: MessageTable): (SelectedColumn & { sql: string })[] {
  const columns: (SelectedColumn & { sql: string })[] = [];
  const add = (name: string, column: ReadColumn | null) => {
    if (column !== null) columns.push({ sql: column.selected, name, type: column.type });
  };
  for (const ours of COLUMNS) add(ours, table.column(ours));
  const date = table.column('date');
  const id = table.column('id');
  if (table.kind === 'reports') add('tsu', table.column('tsu'));
  if (date !== null)
    columns.push({ sql: dateText(table.dialect, date.sql, date), name: 'd', type: /^DateTime\b/.test(date.type) ? 'String' : '' });
  if (id !== null) columns.push({ sql: id.sql, name: 'n', type: id.type });
  return columns;
}

/** Null if the row has no message text. */
export function messageOf(row: ResultRow, table: MessageTable): Message | null {
  const payload = bytesOf(row.msg);
  if (payload.length === 0) return null;
  const sourceAddress = addressOf(row.source_ip);
  const destinationAddress = addressOf(row.destination_ip);
  const protocol = numberOf(row.proto);
  const family = numberOf(row.family);
  return {
    capturedAt: timeOf(row, table),
    sourceAddress,
    sourcePort: numberOf(row.source_port),
    destinationAddress,
    destinationPort: numberOf(row.destination_port),
    protocol: OWN_PROTOCOLS[protocol] ?? protocol,
    family: family === FAMILY_IPV4 || family === FAMILY_IPV6 ? family : sourceAddress.includes(':') ? FAMILY_IPV6 : FAMILY_IPV4,
    payloadType: table.kind === 'messages' ? PAYLOAD_SIP : payloadTypeOf(table.name, numberOf(row.type)),
    payload,
    ...nodeOf(textOf(row.node)),
    correlationId: textOf(row.correlation_id),
    vlan: -1,
    outerSource: '',
    outerDestination: '',
    frameNumber: 0,
    sourceIndex: 0,
    stream: streamOf(row.stream),
    sequence: numberOf(row.sequence),
    envelope: null,
    sip: null,
    frames: NO_FRAMES,
  };
}

/** A newly received report in the form in which it would be read back from a database. */
export function reportOfMessage(message: Message): StoredReport {
  const { capturedAt, correlationId, sourceAddress, sourcePort, destinationAddress, destinationPort, payloadType, payload } = message;
  const { captureName, captureId } = message;
  const node = captureId < 0 ? captureName : `${captureName}:${captureId}`;
  return { capturedAt, correlationId, sourceAddress, sourcePort, destinationAddress, destinationPort, payloadType, node, payload };
}

/** Kamailio numbers the kinds of its tables from 2. */
export function payloadTypeOf(table: string, type: number): number {
  if (/^rtcp_capture/i.test(table) && type === 3) return PAYLOAD_RTCP;
  if (/^logs_capture/i.test(table) && type === 5) return PAYLOAD_LOG;
  if (/^report_capture/i.test(table) && (type === 2 || type === 4)) return type === 2 ? PAYLOAD_QOS : PAYLOAD_OTHER;
  return type;
}

/** Name and id of the agent that captured it. */
function nodeOf(node: string): Pick<Message, 'captureId' | 'captureName'> {
  const [, name, id] = NODE.exec(node)!;
  return { captureId: id === undefined ? -1 : Number(id), captureName: name === DEFAULT_NODE ? '' : name };
}

/** Microseconds since 1970: exact if in the row, else to the second. */
function timeOf(row: ResultRow, table: MessageTable): number {
  const exact = numberOf(row.micro_ts);
  if (exact > 0) return exact;
  const seconds = secondsOf(row.d);
  return Number.isNaN(seconds)
    ? 0
    : numberOf(row.tsu) + (seconds - (table.offsets?.min === table.offsets?.max ? (table.offsets?.min ?? 0) : 0)) * 1e6;
}

function bytesOf(value: unknown): Buffer {
  return Buffer.isBuffer(value) ? value : Buffer.from(textOf(value));
}

function textOf(value: unknown): string {
  return value === null || value === undefined ? '' : String(value);
}

function streamOf(value: unknown): bigint {
  if (typeof value === 'bigint') return value;
  const text = textOf(value);
  return /^\d{1,20}$/.test(text) ? BigInt(text) : 0n;
}

function numberOf(value: unknown): number {
  const number = Number(value ?? 0);
  return Number.isSafeInteger(number) ? number : 0;
}

/** RFC 5952, as everywhere: OpenSIPS writes IPv6 in upper case without `::`; INET columns may add a prefix length. */
function addressOf(value: unknown): string {
  const written = textOf(value);
  if (!written.includes(':') && !written.includes('/')) return written;
  const text = written
    .trim()
    .replace(/\/\d+$/, '')
    .replace(/^\[|\]$/g, '');
  const bytes = parseIpv6(text);
  return bytes === null ? text : ipv6Text(bytes, 0);
}
