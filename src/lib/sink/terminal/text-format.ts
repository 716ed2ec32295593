/**
 * One line per message: time, source → destination, transport, method or status, from → to, Call-ID, `[cut]` if its end is
 * missing; with detail the message below it.
 */
import {
  PAYLOAD_SIP,
  PROTOCOL_SCTP,
  PROTOCOL_TCP,
  PROTOCOL_TLS,
  PROTOCOL_UDP,
  PROTOCOL_WS,
  cseqMethod,
  endpointText,
  isCut,
  printable,
  utf8Text,
  type Message,
  type SipFields,
} from '../../base/index.js';
import { Zone } from '../../base/time/index.js';
import { LineLayout, joined } from './line-layout.js';
import { lineTimes, type TimeStyle } from './line-times.js';
import { ResentMessages } from './resent-messages.js';
import type { Formatter } from './terminal-sink.js';

/** Colours by name; the identity without colours. */
export interface Paint {
  dim(text: string): string;
  request(text: string): string;
  success(text: string): string;
  failure(text: string): string;
  plain(text: string): string;
}

const asItIs = (text: string): string => text;

export const noPaint: Paint = { dim: asItIs, request: asItIs, success: asItIs, failure: asItIs, plain: asItIs };

export interface TextFormatOptions {
  paint: Paint;
  wholeMessage: boolean;
  time: TimeStyle;
  zone: Zone;
  /** Columns of the terminal, 0 for unlimited lines. */
  width: () => number;
  /** Name of an address, '' if it has none. */
  nameOf: (address: string, port: number) => string;
}

/** Lines as written to a pipe, in UTC. */
export const PLAIN_LINES: TextFormatOptions = {
  paint: noPaint,
  wholeMessage: false,
  time: 'date',
  zone: new Zone('UTC'),
  width: () => 0,
  nameOf: () => '',
};

const PLAIN = /^[ -~]*$/;

const TRANSPORTS: Readonly<Record<number, string>> = {
  [PROTOCOL_UDP]: 'UDP',
  [PROTOCOL_TCP]: 'TCP',
  [PROTOCOL_SCTP]: 'SCTP',
  [PROTOCOL_TLS]: 'TLS',
  [PROTOCOL_WS]: 'WS',
};

export function textFormat({ paint, wholeMessage, time, zone, width, nameOf }: TextFormatOptions): Formatter {
  const timeAt = lineTimes(time, zone);
  const layout = new LineLayout(width);
  const resent = new ResentMessages();
  const endpoint = (address: string, port: number) => {
    const name = nameOf(address, port);
    return name === '' ? endpointText(address, port) : `${name}:${port}`;
  };
  const partsOf = (message: Message) => {
    const { sip, sourceAddress, sourcePort, destinationAddress, destinationPort } = message;
    return {
      time: timeAt(message.capturedAt),
      source: endpoint(sourceAddress, sourcePort),
      destination: endpoint(destinationAddress, destinationPort),
      transport: TRANSPORTS[message.protocol] ?? String(message.protocol),
      what: sip === null ? payloadName(message) : label(message, sip, resent.isResent(message, sip)),
      callId: `${(sip === null ? message.correlationId : sip.callId) || '-'}${sip !== null && isCut(message, sip) ? ' [cut]' : ''}`,
    };
  };
  /** What is not in plain lines: colours, widths, characters that a terminal must not get. */
  const anyLine = (message: Message, parts: ReturnType<typeof partsOf>): string => {
    const { sip } = message;
    const parties =
      sip === null ? `${message.payload.length} bytes` : `${party(sip.fromUser, sip.fromDomain)} → ${party(sip.toUser, sip.toDomain)}`;
    const fitted = layout.fit({
      ...parts,
      source: printable(parts.source),
      destination: printable(parts.destination),
      what: printable(parts.what),
      parties: printable(parties),
      callId: printable(parts.callId),
    });
    fitted.what = (sip === null ? paint.plain : statusPaint(sip.kind, sip.method, paint))(fitted.what);
    if (fitted.time !== '') fitted.time = paint.dim(fitted.time);
    return utf8Text(`${joined(fitted)}\n`);
  };
  return (message) => {
    const { sip } = message;
    const parts = partsOf(message);
    let line = '';
    if (sip !== null && paint === noPaint && layout.isUnlimited) {
      const [from, to] = [party(sip.fromUser, sip.fromDomain), party(sip.toUser, sip.toDomain)];
      const { source, destination, what, callId } = parts;
      if (PLAIN.test(`${source}${destination}${what}${from}${to}${callId}`)) line = layout.plainLine(parts, from, to);
    }
    if (line === '') line = anyLine(message, parts);
    return wholeMessage ? `${line}${utf8Text(bodyText(message))}\n` : line;
  };
}

function payloadName({ payloadType }: Message): string {
  return payloadType === PAYLOAD_SIP ? 'SIP' : `type ${payloadType}`;
}

/** `INVITE (sdp)`, `486 Busy Here (INVITE)`, `200 OK (INVITE) (sdp) (resent)`. */
function label(message: Message, sip: SipFields, isResent: boolean): string {
  const { kind, method, replyReason, contentType } = sip;
  const marks: string[] = [];
  if (kind !== 1) {
    const ofRequest = cseqMethod(sip);
    if (ofRequest !== '') marks.push(ofRequest);
  }
  if (hasSdp(message, contentType)) marks.push('sdp');
  if (isResent) marks.push('resent');
  const name = kind === 1 || replyReason === '' ? method : `${method} ${replyReason}`;
  return marks.length === 0 ? name : `${name} (${marks.join(') (')})`;
}

function hasSdp({ payload, sip }: Message, contentType: string): boolean {
  if (payload.length - sip!.bodyAt < 2) return false;
  return (
    /^application\/sdp/i.test(contentType) ||
    (/^multipart\//i.test(contentType) && /application\/sdp/i.test(payload.toString('latin1', sip!.bodyAt)))
  );
}

function statusPaint(kind: number, method: string, paint: Paint): (text: string) => string {
  if (kind === 1) return paint.request;
  if (method < '200') return paint.plain;
  return method < '300' ? paint.success : paint.failure;
}

function party(user: string, domain: string): string {
  const text = user === '' ? domain : domain === '' ? user : `${user}@${domain}`;
  return text || '-';
}

function bodyText(message: Message): string {
  const text = message.payload
    .toString('utf8')
    .split(/\r?\n/)
    .map((line) => line.split('\t').map(printable).join('\t'))
    .join('\n');
  return text.endsWith('\n') ? text : `${text}\n`;
}
