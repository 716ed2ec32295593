/**
 * The columns of `sip_capture` in INSERT order: the 43 of the original and `diversion`; `id` is the
 * database's. One table for names, kinds and widths; one function that fills a row in the same order.
 */
import type { ColumnValue, Counters, Message, SipFields } from '../base/index.js';

export type ColumnKind = 'time' | 'integer' | 'text' | 'bytes';

export interface Column {
  name: string;
  kind: ColumnKind;
  /** Characters that a text column holds; 0 for other kinds. */
  width: number;
}

const text = (name: string, width: number): Column => ({ name, kind: 'text', width });
const integer = (name: string): Column => ({ name, kind: 'integer', width: 0 });

export const SIP_CAPTURE_COLUMNS: readonly Column[] = [
  { name: 'date', kind: 'time', width: 0 },
  integer('micro_ts'),
  text('method', 50),
  text('reply_reason', 100),
  text('ruri', 200),
  text('ruri_user', 100),
  text('from_user', 100),
  text('from_tag', 255),
  text('to_user', 100),
  text('to_tag', 255),
  text('pid_user', 100),
  text('contact_user', 120),
  text('auth_user', 120),
  text('callid', 255),
  text('callid_aleg', 255),
  text('via_1', 256),
  text('via_1_branch', 80),
  text('cseq', 64),
  text('reason', 200),
  text('content_type', 256),
  text('auth', 256),
  text('user_agent', 256),
  text('source_ip', 50),
  integer('source_port'),
  text('destination_ip', 50),
  integer('destination_port'),
  text('contact_ip', 60),
  integer('contact_port'),
  text('originator_ip', 60),
  integer('originator_port'),
  integer('proto'),
  integer('family'),
  text('rtp_stat', 256),
  integer('type'),
  text('node', 125),
  text('correlation_id', 256),
  text('from_domain', 150),
  text('to_domain', 150),
  text('ruri_domain', 150),
  { name: 'msg', kind: 'bytes', width: 0 },
  text('custom_field1', 256),
  text('custom_field2', 256),
  text('custom_field3', 256),
  text('diversion', 256),
];

/** What a row needs beside the message. */
export interface RowContext {
  /** `capture_node`. */
  captureNode: string;
  customField1: string;
  customField2: string;
  customField3: string;
  /** Text cut to its column, by `cut_<column>`; times out of range, `clamped_date`. */
  cuts: Counters;
  dates: DateText;
  nodes: NodeText;
}

/**
 * Writes one row in the order of SIP_CAPTURE_COLUMNS at `at` (the end by default). `message.sip` must be filled.
 * Index by index: into an array that is used again this costs a tenth of pushing onto a growing one.
 */
export function sipCaptureRow(message: Message, context: RowContext, into: ColumnValue[], at = into.length): void {
  const sip = message.sip as SipFields;
  const { cuts } = context;
  into[at] = context.dates.at(message.capturedAt, cuts);
  into[at + 1] = message.capturedAt;
  into[at + 2] = cut(sip.method, 50, 'method', cuts);
  into[at + 3] = cut(sip.replyReason, 100, 'reply_reason', cuts);
  into[at + 4] = cut(sip.ruri, 200, 'ruri', cuts);
  into[at + 5] = cut(sip.ruriUser, 100, 'ruri_user', cuts);
  into[at + 6] = cut(sip.fromUser, 100, 'from_user', cuts);
  into[at + 7] = cut(sip.fromTag, 255, 'from_tag', cuts);
  into[at + 8] = cut(sip.toUser, 100, 'to_user', cuts);
  into[at + 9] = cut(sip.toTag, 255, 'to_tag', cuts);
  into[at + 10] = cut(sip.pidUser, 100, 'pid_user', cuts);
  into[at + 11] = cut(sip.contactUser, 120, 'contact_user', cuts);
  into[at + 12] = cut(sip.authUser, 120, 'auth_user', cuts);
  into[at + 13] = cut(sip.callId, 255, 'callid', cuts);
  into[at + 14] = cut(sip.callIdAleg, 255, 'callid_aleg', cuts);
  into[at + 15] = cut(sip.via, 256, 'via_1', cuts);
  into[at + 16] = cut(sip.viaBranch, 80, 'via_1_branch', cuts);
  into[at + 17] = cut(sip.cseq, 64, 'cseq', cuts);
  into[at + 18] = cut(sip.reason, 200, 'reason', cuts);
  into[at + 19] = cut(sip.contentType, 256, 'content_type', cuts);
  into[at + 20] = cut(sip.auth, 256, 'auth', cuts);
  into[at + 21] = cut(sip.userAgent, 256, 'user_agent', cuts);
  into[at + 22] = message.sourceAddress;
  into[at + 23] = message.sourcePort;
  into[at + 24] = message.destinationAddress;
  into[at + 25] = message.destinationPort;
  into[at + 26] = cut(sip.contactHost, 60, 'contact_ip', cuts);
  into[at + 27] = sip.contactPort;
  into[at + 28] = cut(sip.originatorIp, 60, 'originator_ip', cuts);
  into[at + 29] = sip.originatorPort;
  into[at + 30] = message.protocol;
  into[at + 31] = message.family;
  into[at + 32] = cut(sip.rtpStat, 256, 'rtp_stat', cuts);
  into[at + 33] = sip.kind;
  into[at + 34] = context.nodes.of(context.captureNode, message.captureId, cuts);
  into[at + 35] = cut(message.correlationId, 256, 'correlation_id', cuts);
  into[at + 36] = cut(sip.fromDomain, 150, 'from_domain', cuts);
  into[at + 37] = cut(sip.toDomain, 150, 'to_domain', cuts);
  into[at + 38] = cut(sip.ruriDomain, 150, 'ruri_domain', cuts);
  into[at + 39] = message.payload;
  into[at + 40] = cut(context.customField1, 256, 'custom_field1', cuts);
  into[at + 41] = cut(context.customField2, 256, 'custom_field2', cuts);
  into[at + 42] = cut(context.customField3, 256, 'custom_field3', cuts);
  into[at + 43] = cut(sip.diversion, 256, 'diversion', cuts);
}

/** `node`: the capture node's name, with the agent id where the message carries one; the last text is kept. */
export class NodeText {
  private node = '';
  private id = NaN;
  private text = '';

  of(captureNode: string, captureId: number, cuts: Counters): string {
    if (captureId !== this.id || captureNode !== this.node) {
      this.node = captureNode;
      this.id = captureId;
      this.text = captureId < 0 ? captureNode : `${captureNode}:${captureId}`;
    }
    return cut(this.text, 125, 'node', cuts);
  }
}

/** The first `width` characters (code points, as databases count); counted where something is left out. */
export function cut(value: string, width: number, column: string, cuts: Counters): string {
  if (value.length <= width) return value;
  let at = 0;
  for (let characters = 0; at < value.length && characters < width; characters++) at += value.codePointAt(at)! > 0xffff ? 2 : 1;
  if (at === value.length) return value;
  cuts.add(`cut_${column}`);
  return value.slice(0, at);
}

/** 9999-12-31 23:59:59, the last second that `YYYY-MM-DD` can say. */
const LAST_SECOND = 253_402_300_799;

/** `YYYY-MM-DD HH:MM:SS` of capture times, in UTC or this machine's zone; traffic comes many to the second, so the last text is kept. */
export class DateText {
  private second = NaN;
  private text = '';

  constructor(private readonly isLocal = false) {}

  /** Times that the text cannot say become the nearest that it can, and are counted. */
  at(microseconds: number, cuts: Counters): string {
    const second = Math.floor(microseconds / 1e6);
    if (second !== this.second) {
      this.second = second;
      this.text = this.textOf(Math.min(Math.max(second, 0), LAST_SECOND) * 1000);
    }
    if (second < 0 || second > LAST_SECOND) cuts.add('clamped_date');
    return this.text;
  }

  private textOf(milliseconds: number): string {
    const offsetMinutes = this.isLocal ? new Date(milliseconds).getTimezoneOffset() : 0;
    return new Date(milliseconds - offsetMinutes * 60_000).toISOString().slice(0, 19).replace('T', ' ');
  }
}
