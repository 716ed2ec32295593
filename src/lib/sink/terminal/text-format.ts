/** One line a message: time, source -> destination, method or status, Call-ID, from, to, `[cut]` if its end is missing; with detail the message below it. */
import { TimeTexts, printable, endpointText, isCut, PAYLOAD_SIP, type Message } from '../../base/index.js';
import type { Formatter } from './terminal-sink.js';

/** Colours by name; the identity where the terminal has none. */
export interface Paint {
  dim(text: string): string;
  request(text: string): string;
  success(text: string): string;
  failure(text: string): string;
  plain(text: string): string;
}

export const noPaint: Paint = {
  dim: (text) => text,
  request: (text) => text,
  success: (text) => text,
  failure: (text) => text,
  plain: (text) => text,
};

const ENDPOINT_COLUMNS = 21;
const WHAT_COLUMNS = 9;

export function textFormat(paint: Paint, wholeMessage: boolean): Formatter {
  const times = new TimeTexts();
  return (message) => {
    const source = endpointText(message.sourceAddress, message.sourcePort).padStart(ENDPOINT_COLUMNS);
    const destination = endpointText(message.destinationAddress, message.destinationPort).padEnd(ENDPOINT_COLUMNS);
    const line = `${paint.dim(times.at(message.capturedAt))} ${source} -> ${destination} ${what(message, paint)}\n`;
    return wholeMessage ? `${line}${bodyText(message)}\n` : line;
  };
}

function what(message: Message, paint: Paint): string {
  const { sip } = message;
  if (sip === null) {
    const name = message.payloadType === PAYLOAD_SIP ? 'SIP' : `type ${message.payloadType}`;
    return `${paint.plain(name.padEnd(WHAT_COLUMNS))} ${printable(message.correlationId) || '-'} ${message.payload.length} bytes`;
  }
  const from = party(sip.fromUser, sip.fromDomain);
  const to = party(sip.toUser, sip.toDomain);
  return `${statusPaint(sip.kind, sip.method, paint)(printable(sip.method).padEnd(WHAT_COLUMNS))} ${printable(sip.callId) || '-'} ${from} -> ${to}${isCut(message, sip) ? ' [cut]' : ''}`;
}

function statusPaint(kind: number, method: string, paint: Paint): (text: string) => string {
  if (kind === 1) return paint.request;
  if (method < '200') return paint.plain;
  return method < '300' ? paint.success : paint.failure;
}

function party(user: string, domain: string): string {
  const text = user === '' ? domain : domain === '' ? user : `${user}@${domain}`;
  return printable(text) || '-';
}

function bodyText(message: Message): string {
  const text = message.payload
    .toString('utf8')
    .split(/\r?\n/)
    .map((line) => line.split('\t').map(printable).join('\t'))
    .join('\n');
  return text.endsWith('\n') ? text : `${text}\n`;
}
