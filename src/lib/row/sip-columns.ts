/**
 * The columns of `sip_capture` in INSERT order: the 43 of OpenSIPS and `diversion`; the database fills `id`.
 * This list is the only one: rows, JSON output, widths and the check against sql/ are derived from it.
 */
import type { ColumnValue, Message, SipFields } from '../base/index.js';
import { bytes, identity, integer, rowWriter, text, time, type RowColumn, type RowContext } from './column.js';

export interface SipColumn extends RowColumn<SipFields> {
  /** True where JSON output of a SIP message has a member of that name with the same value, uncut. */
  inJson: boolean;
}

const inJson = (column: RowColumn<SipFields>): SipColumn => ({ ...column, inJson: true });
const rowOnly = (column: RowColumn<SipFields>): SipColumn => ({ ...column, inJson: false });

export const SIP_CAPTURE_COLUMNS: readonly SipColumn[] = [
  rowOnly(time('date')),
  rowOnly(integer('micro_ts', (message) => message.capturedAt)),
  inJson(text('method', 50, (_, sip) => sip.method)),
  inJson(text('reply_reason', 100, (_, sip) => sip.replyReason)),
  inJson(text('ruri', 200, (_, sip) => sip.ruri)),
  inJson(text('ruri_user', 100, (_, sip) => sip.ruriUser)),
  inJson(text('from_user', 100, (_, sip) => sip.fromUser)),
  inJson(text('from_tag', 255, (_, sip) => sip.fromTag)),
  inJson(text('to_user', 100, (_, sip) => sip.toUser)),
  inJson(text('to_tag', 255, (_, sip) => sip.toTag)),
  inJson(text('pid_user', 100, (_, sip) => sip.pidUser)),
  inJson(text('contact_user', 120, (_, sip) => sip.contactUser)),
  inJson(text('auth_user', 120, (_, sip) => sip.authUser)),
  inJson(text('callid', 255, (_, sip) => sip.callId)),
  inJson(text('callid_aleg', 255, (_, sip) => sip.callIdAleg)),
  inJson(text('via_1', 256, (_, sip) => sip.via)),
  inJson(text('via_1_branch', 80, (_, sip) => sip.viaBranch)),
  inJson(text('cseq', 64, (_, sip) => sip.cseq)),
  inJson(text('reason', 200, (_, sip) => sip.reason)),
  inJson(text('content_type', 256, (_, sip) => sip.contentType)),
  inJson(text('auth', 256, (_, sip) => sip.auth)),
  inJson(text('user_agent', 256, (_, sip) => sip.userAgent)),
  rowOnly(text('source_ip', 50, (message) => message.sourceAddress)),
  rowOnly(integer('source_port', (message) => message.sourcePort)),
  rowOnly(text('destination_ip', 50, (message) => message.destinationAddress)),
  rowOnly(integer('destination_port', (message) => message.destinationPort)),
  inJson(text('contact_ip', 60, (_, sip) => sip.contactHost)),
  inJson(integer('contact_port', (_, sip) => sip.contactPort)),
  inJson(text('originator_ip', 60, (_, sip) => sip.originatorIp)),
  inJson(integer('originator_port', (_, sip) => sip.originatorPort)),
  rowOnly(integer('proto', (message) => message.protocol)),
  rowOnly(integer('family', (message) => message.family)),
  inJson(text('rtp_stat', 256, (_, sip) => sip.rtpStat)),
  inJson(integer('type', (_, sip) => sip.kind)),
  rowOnly(text('node', 125, (message, _, context) => context.nodes.of(context.captureNode, message.captureId))),
  rowOnly(text('correlation_id', 256, (message) => message.correlationId)),
  inJson(text('from_domain', 150, (_, sip) => sip.fromDomain)),
  inJson(text('to_domain', 150, (_, sip) => sip.toDomain)),
  inJson(text('ruri_domain', 150, (_, sip) => sip.ruriDomain)),
  rowOnly(bytes('msg', (message) => message.payload)),
  rowOnly(text('custom_field1', 256, (_message, _sip, context) => context.customField1)),
  rowOnly(text('custom_field2', 256, (_message, _sip, context) => context.customField2)),
  rowOnly(text('custom_field3', 256, (_message, _sip, context) => context.customField3)),
  inJson(text('diversion', 256, (_, sip) => sip.diversion)),
];

const writeRow = rowWriter(SIP_CAPTURE_COLUMNS);
const writeIdentified = rowWriter([...SIP_CAPTURE_COLUMNS, ...identity<SipFields>()]);

/** Writes one row in the order of SIP_CAPTURE_COLUMNS at `at` (the end by default). `message.sip` must be filled. With `streams`, its identity follows. */
export function sipCaptureRow(message: Message, context: RowContext, into: ColumnValue[], at = into.length): void {
  const write = context.streams === undefined ? writeRow : writeIdentified;
  write(message, message.sip as SipFields, context, into, at);
}
