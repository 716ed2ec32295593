/**
 * One JSON object a line (NDJSON). Member names are those of the `sip_capture` columns, so that what is
 * known from the database works in jq; schema/message.schema.json documents every member.
 */
import { Counters, timeText, type Message } from '../../base/index.js';
import { DateText, NodeText, SIP_CAPTURE_COLUMNS, type RowContext } from '../../row/index.js';
import type { Formatter } from './terminal-sink.js';

const JSON_COLUMNS = SIP_CAPTURE_COLUMNS.filter(({ inJson }) => inJson);
/** Columns in JSON depend on the message alone. */
const NO_CONTEXT: RowContext = {
  captureNode: '',
  customField1: '',
  customField2: '',
  customField3: '',
  cuts: new Counters(),
  dates: new DateText(),
  nodes: new NodeText(),
};

export function jsonFormat(): Formatter {
  return (message) => `${JSON.stringify(messageJson(message))}\n`;
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
    for (const column of JSON_COLUMNS) json[column.name] = column.value(message, sip, NO_CONTEXT);
    if (sip.broken.length > 0) json.broken = sip.broken;
  }
  const text = message.payload.toString('utf8');
  if (Buffer.byteLength(text) === message.payload.length && Buffer.from(text).equals(message.payload)) json.msg = text;
  else json.msg_base64 = message.payload.toString('base64');
  return json;
}
