/** What our columns are in a table of Homer 7: SQL over its columns and the members of its two JSON columns. */
import { HOMER7_DATA_MEMBERS } from '../../row/index.js';
import { tableColumn, type TableColumn } from '../sql/table-column.js';
import type { ReadColumn, TableKind } from './read-column.js';

/** Members that every writer of these tables stores: those that others may lack are also NULL. */
const ALWAYS = new Set([
  'ruri_user',
  'ruri_domain',
  'from_user',
  'from_tag',
  'to_user',
  'to_tag',
  'callid',
  'cseq',
  'method',
  'user_agent',
]);
const SIP_TABLE = /^(?:.*\.)?hep_proto_1_/;

/** The kind of its rows. */
export function homer7Kind(table: string): TableKind {
  return SIP_TABLE.test(table) ? 'messages' : 'reports';
}

const inProtocol = (member: string) => `(protocol_header->>'${member}')`;
const CORRELATION = inProtocol('correlation_id');
/** What sipcap derived from the message itself is derived again where it is needed. */
const OWN_CORRELATION = `CASE WHEN ${CORRELATION} IN (sid, coalesce(data_header->>'callid_aleg', '')) THEN '' ELSE ${CORRELATION} END`;
/** A number is the id of an agent without a name. */
const NODE = `CASE WHEN ${inProtocol('captureId')} ~ '^[0-9]{1,10}$' THEN ':' || ${inProtocol('captureId')} ELSE ${inProtocol('captureId')} END`;

export function homer7Columns(table: string): ReadonlyMap<string, ReadColumn> {
  const text = (sql: string, selected = sql, mayLack = false) => read('text', sql, selected, mayLack);
  const number = (member: string) => read('integer', `${inProtocol(member)}::bigint`);
  const shared: [string, ReadColumn][] = [
    ['id', read('integer', 'id')],
    ['date', read('time', 'create_date')],
    ['micro_ts', read('integer', `(${inProtocol('timeSeconds')}::bigint * 1000000 + ${inProtocol('timeUseconds')}::bigint)`)],
    ['source_ip', text(inProtocol('srcIp'))],
    ['source_port', number('srcPort')],
    ['destination_ip', text(inProtocol('dstIp'))],
    ['destination_port', number('dstPort')],
    ['proto', number('protocol')],
    ['family', number('protocolFamily')],
    ['type', number('payloadType')],
    ['node', text(inProtocol('captureId'), NODE)],
    ['msg', text('raw')],
  ];
  if (homer7Kind(table) === 'reports') return new Map([...shared, ['correlation_id', text('sid')]]);
  const members = HOMER7_DATA_MEMBERS.map((name): [string, ReadColumn] => {
    const sql = `(data_header->>'${name}')`;
    return [name, text(sql, sql, !ALWAYS.has(name))];
  });
  return new Map([
    ...members,
    ...shared,
    ['callid', text('sid')],
    ['correlation_id', text(CORRELATION, OWN_CORRELATION)],
    // Without an index; messages that name an A leg have it as their correlation id, which has one.
    ['callid_aleg', text(CORRELATION)],
  ]);
}

function read(kind: TableColumn['kind'], sql: string, selected = sql, mayLack = false): ReadColumn {
  return { ...tableColumn(sql, kind), sql, selected, mayLack };
}
