/** The members of a call in JSON and the columns of CSV, in their order: one list, from which the schema is made as well. */
import { TimeTexts, safeJson } from '../../base/index.js';
import { CALL_FLAGS, CALL_STATES } from '../tracking/states.js';
import type { CallSummary } from './call-summary.js';

export type MemberValue = string | number | readonly string[] | null;

export interface CallMember {
  name: string;
  type: 'string' | 'integer' | 'number' | 'strings';
  /** May be null. */
  nullable?: true;
  /** Values that it can have. */
  values?: readonly string[];
  description: string;
  of(call: CallSummary): MemberValue;
}

const KINDS = ['call', 'registration', 'subscription', 'other'];
const times = new TimeTexts();
const isoTime = (at: number) => `${times.at(at).replace(' ', 'T')}Z`;

export const CALL_MEMBERS: readonly CallMember[] = [
  { name: 'time', type: 'string', description: 'Time of the first message, UTC.', of: (call) => isoTime(call.startedAt) },
  { name: 'micro_ts', type: 'integer', description: 'The same in microseconds since 1970.', of: (call) => call.startedAt },
  {
    name: 'end_micro_ts',
    type: 'integer',
    nullable: true,
    description: 'When it was over: BYE, refusal or timer; null where it was not.',
    of: (call) => (call.endedAt === 0 ? null : call.endedAt),
  },
  { name: 'kind', type: 'string', values: KINDS, description: 'What its first request began.', of: (call) => call.kind },
  { name: 'method', type: 'string', description: 'Method of its first request.', of: (call) => call.method },
  { name: 'callid', type: 'string', description: 'Call-ID.', of: (call) => call.callId },
  { name: 'state', type: 'string', values: CALL_STATES, description: 'What became of it.', of: (call) => call.state },
  { name: 'flags', type: 'strings', values: CALL_FLAGS, description: 'What is unusual about it.', of: (call) => call.flags },
  { name: 'from_user', type: 'string', description: 'User of From.', of: (call) => call.fromUser },
  { name: 'from_domain', type: 'string', description: 'Host of From.', of: (call) => call.fromDomain },
  { name: 'to_user', type: 'string', description: 'User of To.', of: (call) => call.toUser },
  { name: 'to_domain', type: 'string', description: 'Host of To.', of: (call) => call.toDomain },
  {
    name: 'status',
    type: 'integer',
    nullable: true,
    description: 'Final status; null where there was none.',
    of: (call) => (call.status === 0 ? null : call.status),
  },
  { name: 'reason', type: 'string', description: 'Reason phrase of the final status.', of: (call) => call.reason },
  {
    name: 'pdd_ms',
    type: 'number',
    nullable: true,
    description: 'Post-dial delay: INVITE to the first provisional reply other than 100, else to the 2xx.',
    of: (call) => call.pddMs,
  },
  {
    name: 'ringing_ms',
    type: 'number',
    nullable: true,
    description: 'First 180 (or 183 with SDP) to the answer, refusal or CANCEL.',
    of: (call) => call.ringingMs,
  },
  {
    name: 'setup_ms',
    type: 'number',
    nullable: true,
    description: 'INVITE (or another request) to its 2xx.',
    of: (call) => call.setupMs,
  },
  {
    name: 'talking_ms',
    type: 'number',
    nullable: true,
    description: '2xx to BYE; null where the call was not answered or no BYE was captured.',
    of: (call) => call.talkingMs,
  },
  {
    name: 'disconnect_ms',
    type: 'number',
    nullable: true,
    description: 'BYE to its final reply.',
    of: (call) => call.disconnectMs,
  },
  {
    name: 'messages',
    type: 'integer',
    description: 'Messages, retransmissions included, duplicates not.',
    of: (call) => call.messages,
  },
  { name: 'retransmissions', type: 'integer', description: 'Messages that were sent again.', of: (call) => call.retransmissions },
  {
    name: 'duplicates',
    type: 'integer',
    description: 'Messages that another capture point had seen already.',
    of: (call) => call.duplicates,
  },
  { name: 'legs', type: 'integer', description: 'Call-IDs that belong together, this one included.', of: (call) => call.legs },
  { name: 'forks', type: 'integer', description: 'Called parties that rang or answered (To tags).', of: (call) => call.forks },
  { name: 'source_ip', type: 'string', description: 'Source of the first request.', of: (call) => call.source },
  { name: 'source_port', type: 'integer', description: 'Its port.', of: (call) => call.sourcePort },
  { name: 'destination_ip', type: 'string', description: 'Destination of the first request.', of: (call) => call.destination },
  { name: 'destination_port', type: 'integer', description: 'Its port.', of: (call) => call.destinationPort },
  { name: 'user_agent', type: 'string', description: 'User-Agent of the first request.', of: (call) => call.userAgent },
  { name: 'node', type: 'string', description: 'Capture node that saw the first message.', of: (call) => call.node },
  { name: 'contact', type: 'string', description: 'Contact of a registration or subscription.', of: (call) => call.contact },
  {
    name: 'expires',
    type: 'integer',
    nullable: true,
    description: 'Seconds that a registration or subscription lasts.',
    of: (call) => (call.expires < 0 ? null : call.expires),
  },
  {
    name: 'mos',
    type: 'number',
    nullable: true,
    description: 'Worst MOS of its quality reports and, with --media, of its RTP streams; null where there is none.',
    of: (call) => call.mos,
  },
  {
    name: 'loss_percent',
    type: 'number',
    nullable: true,
    description: 'Packets lost of all its RTP streams (--media); null where there are none.',
    of: (call) => (call.lossPercent === null ? null : Number(call.lossPercent.toFixed(3))),
  },
  { name: 'codec', type: 'string', description: 'Codec of the RTP stream with the worst MOS (--media).', of: (call) => call.codec },
];

export function callJson(call: CallSummary): Record<string, MemberValue> {
  const json: Record<string, MemberValue> = {};
  for (const member of CALL_MEMBERS) json[member.name] = member.of(call);
  return json;
}

/** Printable ASCII that JSON does not escape. */
const PLAIN = /^[ !#-[\]-~]*$/;
const PREFIXES = CALL_MEMBERS.map(({ name }, i) => `${i === 0 ? '{' : ','}${JSON.stringify(name)}:`);

/** The same as text on one line, several times as fast as via an object. */
export function callLine(call: CallSummary): string {
  let line = '';
  for (let i = 0; i < CALL_MEMBERS.length; i++) {
    const value = CALL_MEMBERS[i].of(call);
    line += PREFIXES[i];
    if (typeof value === 'string') line += PLAIN.test(value) ? `"${value}"` : safeJson(value);
    else if (value === null || typeof value === 'number') line += value;
    else line += value.length === 0 ? '[]' : safeJson(value);
  }
  return `${line}}`;
}

/** Cells of CSV; lists are separated by spaces, null is an empty cell. */
export function callCells(call: CallSummary): (string | number)[] {
  return CALL_MEMBERS.map((member) => {
    const value = member.of(call);
    if (value === null) return '';
    return typeof value === 'object' ? value.join(' ') : value;
  });
}
