/**
 * One JSON object a line (NDJSON). Member names are those of the `sip_capture` columns, so that what is
 * known from the database works in jq; schema/message.schema.json documents every member.
 */
import { safeJson, timeText, type Message } from '../../base/index.js';
import type { Formatter } from './terminal-sink.js';

export function jsonFormat(): Formatter {
  return (message) => `${safeJson(messageJson(message))}\n`;
}

export function messageJson(message: Message): Record<string, unknown> {
  const { sip, envelope } = message;
  const json: Record<string, unknown> = {
    time: `${timeText(message.capturedAt).replace(' ', 'T')}Z`,
    micro_ts: message.capturedAt,
    frame: message.frameNumber,
    source_ip: message.sourceAddress,
    source_port: message.sourcePort,
    destination_ip: message.destinationAddress,
    destination_port: message.destinationPort,
    proto: message.protocol,
    family: message.family,
    payload_type: message.payloadType,
  };
  if (message.vlan >= 0) json.vlan = message.vlan;
  if (message.outerSource !== '') json.outer_source_ip = message.outerSource;
  if (message.outerDestination !== '') json.outer_destination_ip = message.outerDestination;
  if (envelope !== null) json.hep_version = envelope.version;
  if (envelope !== null && envelope.peerAddress !== '') json.hep_peer = `${envelope.peerAddress} ${envelope.peerPort}`;
  if (message.captureId >= 0) json.capture_id = message.captureId;
  if (message.captureName !== '') json.capture_name = message.captureName;
  if (message.correlationId !== '') json.correlation_id = message.correlationId;
  if (sip !== null) {
    json.type = sip.kind;
    json.method = sip.method;
    json.reply_reason = sip.replyReason;
    json.ruri = sip.ruri;
    json.ruri_user = sip.ruriUser;
    json.ruri_domain = sip.ruriDomain;
    json.from_user = sip.fromUser;
    json.from_domain = sip.fromDomain;
    json.from_tag = sip.fromTag;
    json.to_user = sip.toUser;
    json.to_domain = sip.toDomain;
    json.to_tag = sip.toTag;
    json.pid_user = sip.pidUser;
    json.contact_user = sip.contactUser;
    json.contact_ip = sip.contactHost;
    json.contact_port = sip.contactPort;
    json.auth_user = sip.authUser;
    json.auth = sip.auth;
    json.callid = sip.callId;
    json.callid_aleg = sip.callIdAleg;
    json.via_1 = sip.via;
    json.via_1_branch = sip.viaBranch;
    json.cseq = sip.cseq;
    json.diversion = sip.diversion;
    json.reason = sip.reason;
    json.content_type = sip.contentType;
    json.user_agent = sip.userAgent;
    json.originator_ip = sip.originatorIp;
    json.originator_port = sip.originatorPort;
    json.rtp_stat = sip.rtpStat;
    if (sip.broken.length > 0) json.broken = sip.broken;
  }
  const text = message.payload.toString('utf8');
  if (Buffer.byteLength(text) === message.payload.length && Buffer.from(text).equals(message.payload)) json.msg = text;
  else json.msg_base64 = message.payload.toString('base64');
  return json;
}
