/** The tables of Homer 7 as lists: which messages they hold, the length of their partitions, and the indexes of each partition. */
import { PAYLOAD_RTCP, PAYLOAD_SIP, type SipFields } from '../base/index.js';

/** An index of each partition: the name is the partition's with this suffix. */
export interface Homer7Index {
  suffix: string;
  /** A column, or a member of a JSON column. */
  column: 'create_date' | 'sid' | 'protocol_header' | 'data_header';
  member: string;
}

export interface Homer7Table {
  name: string;
  /** Length of a partition unless the table has others. */
  partitionSeconds: number;
  indexes: readonly Homer7Index[];
  /** First id; ids of tables that are read together must differ, so each takes every third. 0: counted from 1. */
  firstId: number;
}

/** All tables have these columns, and `id`. */
export const HOMER7_COLUMNS: readonly string[] = ['sid', 'create_date', 'protocol_header', 'data_header', 'raw'];

const HOUR = 3600;
const member = (column: Homer7Index['column']) => (name: string) => ({ suffix: name, column, member: name });
const inProtocol = member('protocol_header');
const inData = member('data_header');

const EVERY: readonly Homer7Index[] = [
  { suffix: 'create_date', column: 'create_date', member: '' },
  { suffix: 'sid', column: 'sid', member: '' },
  inProtocol('correlation_id'),
];
const WITH_ADDRESSES = [...EVERY, inProtocol('srcIp'), inProtocol('dstIp')];
const OF_SIP = [
  ...WITH_ADDRESSES,
  ...['ruri_domain', 'ruri_user', 'from_user', 'to_user', 'pid_user', 'auth_user', 'callid', 'method'].map(inData),
];
const OF_ISUP = [...EVERY, ...['called_number', 'calling_number', 'opc', 'dpc', 'cic', 'msg_name', 'callid'].map(inData)];

export const HOMER7_CALL = 'hep_proto_1_call';
export const HOMER7_REGISTRATION = 'hep_proto_1_registration';
export const HOMER7_REST = 'hep_proto_1_default';
const RTCP = 'hep_proto_5_default';
const OTHER = 'hep_proto_35_default';
const ISUP = 'hep_proto_54_default';
const LOGS = 'hep_proto_100_default';

export const HOMER7_TABLES: readonly Homer7Table[] = [
  { name: HOMER7_CALL, partitionSeconds: 2 * HOUR, indexes: OF_SIP, firstId: 1 },
  { name: HOMER7_REGISTRATION, partitionSeconds: 2 * HOUR, indexes: OF_SIP, firstId: 2 },
  { name: HOMER7_REST, partitionSeconds: 2 * HOUR, indexes: OF_SIP, firstId: 3 },
  { name: RTCP, partitionSeconds: 6 * HOUR, indexes: WITH_ADDRESSES, firstId: 0 },
  { name: OTHER, partitionSeconds: 6 * HOUR, indexes: WITH_ADDRESSES, firstId: 0 },
  { name: ISUP, partitionSeconds: 6 * HOUR, indexes: OF_ISUP, firstId: 0 },
  { name: LOGS, partitionSeconds: 2 * HOUR, indexes: WITH_ADDRESSES, firstId: 0 },
];

/** Of a table with these columns under any name, as of the one that takes other types. */
export function homer7Table(name: string): Homer7Table {
  return HOMER7_TABLES.find((table) => table.name === name) ?? HOMER7_TABLES.find((table) => table.name === OTHER)!;
}

/** Tables of payload types other than SIP. */
const BY_TYPE: Readonly<Record<number, string>> = { [PAYLOAD_RTCP]: RTCP, 54: ISUP, 100: LOGS, [PAYLOAD_SIP]: HOMER7_REST };

export function homer7ReportTable(payloadType: number): string {
  return BY_TYPE[payloadType] ?? OTHER;
}

/** The class of a SIP message in Homer, by the method in its CSeq. */
export type MethodClass = 'call' | 'registration' | 'rest';

const CLASSES: Readonly<Record<string, MethodClass>> = {
  ...Object.fromEntries(
    ['INVITE', 'ACK', 'BYE', 'CANCEL', 'UPDATE', 'PRACK', 'REFER', 'INFO', 'NOTIFY'].map((method) => [method, 'call' as const]),
  ),
  REGISTER: 'registration',
};

/** `rest` where the Call-ID or CSeq cannot be read. */
export function methodClass({ callId, cseq }: SipFields): MethodClass {
  return callId === '' ? 'rest' : (CLASSES[cseq.slice(cseq.lastIndexOf(' ') + 1)] ?? 'rest');
}

const BY_CLASS: Readonly<Record<MethodClass, string>> = { call: HOMER7_CALL, registration: HOMER7_REGISTRATION, rest: HOMER7_REST };

export function homer7SipTable(sip: SipFields): string {
  return BY_CLASS[methodClass(sip)];
}
