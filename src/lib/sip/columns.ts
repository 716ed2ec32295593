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
  { name: 'date', kind: 'time', width: 0 }, integer('micro_ts'),
  text('method', 50), text('reply_reason', 100), text('ruri', 200), text('ruri_user', 100),
  text('from_user', 100), text('from_tag', 255), text('to_user', 100), text('to_tag', 255), text('pid_user', 100),
  text('contact_user', 120), text('auth_user', 120), text('callid', 255), text('callid_aleg', 255),
  text('via_1', 256), text('via_1_branch', 80), text('cseq', 64), text('reason', 200), text('content_type', 256),
  text('auth', 256), text('user_agent', 256),
  text('source_ip', 50), integer('source_port'), text('destination_ip', 50), integer('destination_port'),
  text('contact_ip', 60), integer('contact_port'), text('originator_ip', 60), integer('originator_port'),
  integer('proto'), integer('family'), text('rtp_stat', 256), integer('type'), text('node', 125), text('correlation_id', 256),
  text('from_domain', 150), text('to_domain', 150), text('ruri_domain', 150),
  { name: 'msg', kind: 'bytes', width: 0 },
  text('custom_field1', 256), text('custom_field2', 256), text('custom_field3', 256),
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
}

/** Appends one row in the order of SIP_CAPTURE_COLUMNS. `message.sip` must be filled. */
export function sipCaptureRow(message: Message, context: RowContext, into: ColumnValue[]): void {
  const sip = message.sip as SipFields;
  const { cuts } = context;
  into.push(
    context.dates.utc(message.capturedAt, cuts),
    message.capturedAt,
    cut(sip.method, 50, 'method', cuts),
    cut(sip.replyReason, 100, 'reply_reason', cuts),
    cut(sip.ruri, 200, 'ruri', cuts),
    cut(sip.ruriUser, 100, 'ruri_user', cuts),
    cut(sip.fromUser, 100, 'from_user', cuts),
    cut(sip.fromTag, 255, 'from_tag', cuts),
    cut(sip.toUser, 100, 'to_user', cuts),
    cut(sip.toTag, 255, 'to_tag', cuts),
    cut(sip.pidUser, 100, 'pid_user', cuts),
    cut(sip.contactUser, 120, 'contact_user', cuts),
    cut(sip.authUser, 120, 'auth_user', cuts),
    cut(sip.callId, 255, 'callid', cuts),
    cut(sip.callIdAleg, 255, 'callid_aleg', cuts),
    cut(sip.via, 256, 'via_1', cuts),
    cut(sip.viaBranch, 80, 'via_1_branch', cuts),
    cut(sip.cseq, 64, 'cseq', cuts),
    cut(sip.reason, 200, 'reason', cuts),
    cut(sip.contentType, 256, 'content_type', cuts),
    cut(sip.auth, 256, 'auth', cuts),
    cut(sip.userAgent, 256, 'user_agent', cuts),
    message.sourceAddress,
    message.sourcePort,
    message.destinationAddress,
    message.destinationPort,
    cut(sip.contactHost, 60, 'contact_ip', cuts),
    sip.contactPort,
    cut(sip.originatorIp, 60, 'originator_ip', cuts),
    sip.originatorPort,
    message.protocol,
    message.family,
    cut(sip.rtpStat, 256, 'rtp_stat', cuts),
    sip.kind,
    cut(nodeText(context.captureNode, message.captureId), 125, 'node', cuts),
    cut(message.correlationId, 256, 'correlation_id', cuts),
    cut(sip.fromDomain, 150, 'from_domain', cuts),
    cut(sip.toDomain, 150, 'to_domain', cuts),
    cut(sip.ruriDomain, 150, 'ruri_domain', cuts),
    message.payload,
    cut(context.customField1, 256, 'custom_field1', cuts),
    cut(context.customField2, 256, 'custom_field2', cuts),
    cut(context.customField3, 256, 'custom_field3', cuts),
    cut(sip.diversion, 256, 'diversion', cuts),
  );
}

/** `node`: the capture node's name, with the agent id where the message carries one. */
export function nodeText(captureNode: string, captureId: number): string {
  return captureId < 0 ? captureNode : `${captureNode}:${captureId}`;
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

/** `YYYY-MM-DD HH:MM:SS` (UTC) of capture times; traffic comes many to the second, so the last text is kept. */
export class DateText {
  private second = NaN;
  private text = '';

  /** Times that the text cannot say become the nearest that it can, and are counted. */
  utc(microseconds: number, cuts: Counters): string {
    const second = Math.floor(microseconds / 1e6);
    if (second !== this.second) {
      this.second = second;
      this.text = new Date(Math.min(Math.max(second, 0), LAST_SECOND) * 1000).toISOString().slice(0, 19).replace('T', ' ');
    }
    if (second < 0 || second > LAST_SECOND) cuts.add('clamped_date');
    return this.text;
  }
}
