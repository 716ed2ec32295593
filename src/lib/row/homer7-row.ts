/**
 * Rows of Homer 7's tables. The API of Homer merges the two JSON columns, so no name occurs in both; it asserts that addresses
 * and captureId are text, ports, times and payloadType numbers, and that all of them exist.
 */
import { UsageError, type ColumnValue, type Message, type SipFields } from '../base/index.js';
import { cut, integer, text, type RowColumn, type RowContext } from './column.js';
import { jsonText, jsonWriter } from './json-object.js';
import { SIP_CAPTURE_COLUMNS } from './sip-columns.js';

export interface Homer7Context extends RowContext {
  /** A header's value by name, '' if absent. */
  header(sip: SipFields, name: string): string;
  /** Headers with the Call-ID of the A leg, besides X-CID. */
  legHeaders: readonly string[];
}

export interface Homer7Report {
  correlationId: string;
  payloadType: number;
}

interface ProtocolFields {
  correlationId: string;
  payloadType: number;
}

const sipColumn = (name: string) => SIP_CAPTURE_COLUMNS.find((column) => column.name === name)!;
const ID_WIDTH = sipColumn('callid').width;
const ADDRESS_WIDTH = 60;
const NODE_WIDTH = 125;
const HEADER_WIDTH = 256;

const PROTOCOL_MEMBERS: readonly RowColumn<ProtocolFields>[] = [
  integer('protocolFamily', (message) => message.family),
  integer('protocol', (message) => message.protocol),
  text('srcIp', ADDRESS_WIDTH, (message) => message.sourceAddress),
  text('dstIp', ADDRESS_WIDTH, (message) => message.destinationAddress),
  integer('srcPort', (message) => message.sourcePort),
  integer('dstPort', (message) => message.destinationPort),
  integer('timeSeconds', (message) => Math.floor(message.capturedAt / 1e6)),
  integer('timeUseconds', (message) => message.capturedAt % 1e6),
  integer('payloadType', (_, { payloadType }) => payloadType),
  text('captureId', NODE_WIDTH, nodeText),
  text('correlation_id', ID_WIDTH, (_, { correlationId }) => correlationId),
];

/** Members of data_header that are columns of sip_capture too: widths and values are theirs. */
const SHARED = [
  'ruri_user',
  'ruri_domain',
  'from_user',
  'from_domain',
  'from_tag',
  'to_user',
  'to_domain',
  'to_tag',
  'callid',
  'cseq',
  'method',
  'user_agent',
  'contact_user',
  'pid_user',
  'auth_user',
  'reason',
  'diversion',
  'callid_aleg',
  'reply_reason',
];
const DATA_MEMBERS: readonly RowColumn<SipFields>[] = [
  ...SHARED.map(sipColumn),
  text('server', HEADER_WIDTH, (_, sip) => (sip.kind === 2 ? sip.userAgent : '')),
];
const CUSTOM_MEMBERS = [1, 2, 3].map((number) => sipColumn(`custom_field${number}`));
/** Members of a SIP row's data_header, without configured ones. */
export const HOMER7_DATA_MEMBERS: readonly string[] = DATA_MEMBERS.map(({ name }) => name);

/** What the API of Homer adds to a row, or deletes from it. */
const RESERVED = ['node', 'proto', 'id', 'sid', 'raw', 'create_date', 'table', 'uuid', 'profile', 'dbnode'];
const PROTOCOL_NAMES: Readonly<Record<number, string>> = {
  5: 'RTCP',
  34: 'RTPAgent',
  35: 'RTCPXR',
  38: 'HORACLIFIX',
  53: 'DNS',
  54: 'ISUP',
  100: 'LOG',
};

const writeProtocol = jsonWriter(PROTOCOL_MEMBERS);

export class Homer7Rows {
  private readonly data;
  private readonly dataWithCustom;

  /** `headers`: more members of data_header, each a header under its own name. */
  constructor(
    private readonly context: Homer7Context,
    headers: readonly string[],
  ) {
    const members = [...DATA_MEMBERS, ...headers.map(headerMember)];
    this.data = jsonWriter<SipFields, Homer7Context>(members);
    this.dataWithCustom = jsonWriter<SipFields, Homer7Context>([...members, ...CUSTOM_MEMBERS]);
  }

  /** `message.sip` must be filled; `storedAt` is the time of the partition, usually the message's. */
  sip(message: Message, storedAt: number, into: ColumnValue[], at: number): void {
    const { context } = this;
    const sip = message.sip!;
    const isCustom = context.customField1 !== '' || context.customField2 !== '' || context.customField3 !== '';
    const correlationId = correlationOf(message, sip, context);
    into[at] = cut(sip.callId, SID, context.cuts);
    into[at + 1] = momentText(storedAt, context);
    into[at + 2] = writeProtocol(message, { correlationId, payloadType: message.payloadType }, context);
    into[at + 3] = (isCustom ? this.dataWithCustom : this.data)(message, sip, context);
    into[at + 4] = message.payload;
  }

  report(message: Message, report: Homer7Report, storedAt: number, into: ColumnValue[], at: number): void {
    const { context } = this;
    into[at] = cut(report.correlationId, SID, context.cuts);
    into[at + 1] = momentText(storedAt, context);
    into[at + 2] = writeProtocol(message, report, context);
    into[at + 3] =
      `{"node":${jsonText(nodeText(message, report, context))},"proto":${jsonText(PROTOCOL_NAMES[report.payloadType] ?? String(report.payloadType))}}`;
    into[at + 4] = message.payload;
  }
}

const SID = { name: 'sid', width: ID_WIDTH };

function headerMember(name: string): RowColumn<SipFields> {
  if (!/^[A-Za-z0-9_-]+$/.test(name)) throw new UsageError(`invalid header name '${name}': expected letters, digits, _ and -`);
  const taken = [...PROTOCOL_MEMBERS, ...DATA_MEMBERS, ...CUSTOM_MEMBERS].map((column) => column.name);
  if ([...taken, ...RESERVED].includes(name))
    throw new UsageError(`header name '${name}' is a member of every Homer 7 row: expected another header`);
  return text(name, HEADER_WIDTH, (_, sip, context) => (context as Homer7Context).header(sip, name));
}

/** Who captured it, by name, else by number. */
function nodeText({ captureName, captureId }: Message, _fields: unknown, { captureNode }: RowContext): string {
  return captureName !== '' ? captureName : captureId >= 0 ? String(captureId) : captureNode;
}

/** What joins the legs of a call: the A leg's Call-ID on messages of other legs that name it, else their own. */
function correlationOf(message: Message, sip: SipFields, { legHeaders, header }: Homer7Context): string {
  for (const name of legHeaders) {
    const value = header(sip, name);
    if (value !== '') return value;
  }
  if (sip.callIdAleg !== '') return sip.callIdAleg;
  return message.correlationId !== '' ? message.correlationId : sip.callId;
}

function momentText(at: number, { dates, cuts }: RowContext): string {
  return `${dates.at(at, cuts)}.${String(at % 1e6).padStart(6, '0')}`;
}
