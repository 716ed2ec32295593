/**
 * One JSON object a line (NDJSON). Member names are those of the `sip_capture` columns, so that what is
 * known from the database works in jq; schema/message.schema.json documents every member.
 */
import { isAscii, isUtf8 } from 'node:buffer';
import { Counters, TimeTexts, isCut, type ColumnValue, type Message } from '../../base/index.js';
import { DateText, NodeText, SIP_CAPTURE_COLUMNS, rowWriter, type RowContext } from '../../row/index.js';
import { JsonLine, digits, memberName, quoted } from './json-line.js';
import type { Formatter } from './terminal-sink.js';

/** Without widths: only databases have to truncate. */
const JSON_COLUMNS = SIP_CAPTURE_COLUMNS.filter(({ inJson }) => inJson).map((column) => ({ ...column, width: 0 }));
const JSON_NAMES = JSON_COLUMNS.map(({ name }) => memberName(name));
const writeColumns = rowWriter(JSON_COLUMNS);
/** The only ASCII control character that JSON does not escape. */
const DELETE = 0x7f;
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

/** `fileNames`: of the files that messages came from, by their index. */
export function jsonFormat(fileNames: () => readonly string[] = () => []): Formatter {
  const line = new JsonLine();
  const columns = new Array<ColumnValue>(JSON_COLUMNS.length).fill('');
  const times = new TimeTexts();
  return (message) => {
    const time = `"time":"${times.at(message.capturedAt).replace(' ', 'T')}Z"`;
    const file = fileNames()[message.sourceIndex] ?? '';
    line.begin(`${time}${file === '' ? '' : `,"file":${quoted(file)}`},${packetMembers(message)}`);
    addMembers(line, message, columns);
    return `${line.end()}\n`;
  };
}

/** What every message has. */
function packetMembers(message: Message): string {
  const { capturedAt, frameNumber, sourceAddress, sourcePort, destinationAddress, destinationPort } = message;
  const place = `"micro_ts":${digits(capturedAt)},"frame":${digits(frameNumber)}`;
  const source = `"source_ip":${quoted(sourceAddress)},"source_port":${digits(sourcePort)}`;
  const destination = `"destination_ip":${quoted(destinationAddress)},"destination_port":${digits(destinationPort)}`;
  const kinds = `"proto":${digits(message.protocol)},"family":${digits(message.family)},"payload_type":${digits(message.payloadType)}`;
  return `${place},${source},${destination},${kinds}`;
}

/** `columns` is scratch space for the values of JSON_COLUMNS. */
function addMembers(line: JsonLine, message: Message, columns: ColumnValue[]): void {
  const { sip, envelope } = message;
  if (message.vlan >= 0) line.number('vlan', message.vlan);
  if (message.outerSource !== '') line.text('outer_source_ip', message.outerSource);
  if (message.outerDestination !== '') line.text('outer_destination_ip', message.outerDestination);
  if (envelope !== null) line.number('hep_version', envelope.version);
  if (envelope !== null && envelope.peerAddress !== '') line.text('hep_peer', `${envelope.peerAddress} ${envelope.peerPort}`);
  if (message.captureId >= 0) line.number('capture_id', message.captureId);
  if (message.captureName !== '') line.text('capture_name', message.captureName);
  if (message.correlationId !== '') line.text('correlation_id', message.correlationId);
  if (sip !== null) {
    writeColumns(message, sip, NO_CONTEXT, columns, 0);
    for (let i = 0; i < columns.length; i++) line.next(JSON_NAMES[i], columns[i]);
    if (isCut(message, sip)) line.member('cut', true);
    if (sip.broken.length > 0) line.member('broken', sip.broken);
  }
  const { payload } = message;
  if (isAscii(payload) && !payload.includes(DELETE)) line.ascii('msg', payload.latin1Slice());
  else if (isUtf8(payload)) line.text('msg', payload.utf8Slice());
  else line.text('msg_base64', payload.toString('base64'));
}
