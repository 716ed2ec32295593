/** SIP conversations written line by line, as prepared messages, and the resulting calls. */
import { Ledger, type Message } from '../../src/lib/base/index.js';
import { CallIndex, summaryOf, type CallSummary } from '../../src/lib/calls/index.js';
import { MessagePreparer } from '../../src/lib/extract/prepare-message.js';
import { hepMessage } from '../rigs/messages.js';

/** 2026-01-15 09:00:00 UTC. */
export const START = Date.UTC(2026, 0, 15, 9) * 1000;

export interface Spoken {
  callId?: string;
  fromTag?: string;
  toTag?: string;
  /** Number and method; the method defaults to that of the request. */
  cseq?: string;
  branch?: string;
  from?: string;
  to?: string;
  headers?: readonly string[];
  body?: string;
  contentType?: string;
  /** Capture node. */
  node?: number;
  vlan?: number;
  members?: Partial<Message>;
}

export const SDP = sdp('10.0.0.1', 4000, '8 0');

export function sdp(address: string, port: number, formats: string, more: readonly string[] = []): string {
  return [
    'v=0',
    `o=- 1 1 IN IP4 ${address}`,
    's=-',
    `c=IN IP4 ${address}`,
    't=0 0',
    `m=audio ${port} RTP/AVP ${formats}`,
    ...more,
    '',
  ].join('\r\n');
}

/**
 * One message. `ends` is `a>b`, names of endpoints as 10.0.0.1:5060 for `a`, 10.0.0.2:5060 for `b` and so on, or
 * addresses; `what` is a method, or a status and its reason.
 */
export function say(milliseconds: number, ends: string, what: string, spoken: Spoken = {}): Message {
  const { callId = 'one@a.example', fromTag = 'f1', toTag = '', from = 'sip:ann@a.example', to = 'sip:ben@b.example' } = spoken;
  const { headers = [], body = '', node = -1, vlan = -1 } = spoken;
  const [source, destination] = ends.split('>').map(endpoint);
  const isReply = /^\d{3}\b/.test(what);
  const cseq = spoken.cseq ?? (isReply ? '1 INVITE' : what === 'BYE' ? '2 BYE' : `1 ${what}`);
  const via = isReply ? destination : source;
  const branch =
    spoken.branch ?? `z9hG4bK${callId}${what === 'ACK' ? 'ack' : cseq.replace('CANCEL', 'INVITE')}${fromTag}`.replace(/[^\w]/g, '');
  const lines = [
    isReply ? `SIP/2.0 ${what}` : `${what} sip:ben@b.example SIP/2.0`,
    `Via: SIP/2.0/UDP ${via.address}:${via.port};branch=${branch}`,
    `From: <${from}>${fromTag === '' ? '' : `;tag=${fromTag}`}`,
    `To: <${to}>${toTag === '' ? '' : `;tag=${toTag}`}`,
    `Call-ID: ${callId}`,
    `CSeq: ${cseq}`,
    ...headers,
    ...(body === '' ? [] : [`Content-Type: ${spoken.contentType ?? 'application/sdp'}`]),
    `Content-Length: ${body.length}`,
    '',
    body,
  ];
  return prepared({
    capturedAt: START + Math.round(milliseconds * 1000),
    sourceAddress: source.address,
    sourcePort: source.port,
    destinationAddress: destination.address,
    destinationPort: destination.port,
    payload: Buffer.from(lines.join('\r\n')),
    captureId: node,
    vlan,
    ...spoken.members,
  });
}

export function prepared(members: Partial<Message>): Message {
  const message = hepMessage({ captureId: -1, ...members });
  const wrong = new MessagePreparer(new Ledger()).sip(message);
  if (wrong !== '') throw new Error(`not SIP: ${wrong}`);
  return message;
}

function endpoint(name: string): { address: string; port: number } {
  if (/^[a-z]$/.test(name)) return { address: `10.0.0.${name.charCodeAt(0) - 96}`, port: 5060 };
  const colon = name.lastIndexOf(':');
  return { address: name.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(name.slice(colon + 1)) };
}

/** The state of each call when it was delivered, in that order. */
export function calls(messages: readonly Message[], options: { maxOpenCalls?: number } = {}): CallSummary[] {
  return indexed(messages, options).calls;
}

export function indexed(messages: readonly Message[], options: { maxOpenCalls?: number } = {}) {
  const found: CallSummary[] = [];
  const index = new CallIndex({ onCall: (call) => found.push(summaryOf(call)), ...options });
  for (const message of messages) index.add(message);
  index.finish();
  return { calls: found, index };
}

/** The one call that the messages make. */
export function only(messages: readonly Message[]): CallSummary {
  const found = calls(messages);
  if (found.length !== 1) throw new Error(`${found.length} calls`);
  return found[0];
}

/** INVITE, 100, 180, 200, ACK, and a BYE from `a` answered: talking from `answer` to `bye` milliseconds. */
export function answered(answer = 3000, bye = 63_000, spoken: Spoken = {}): Message[] {
  const talk = { ...spoken, toTag: 't1' };
  return [
    say(0, 'a>b', 'INVITE', spoken),
    say(10, 'b>a', '100 Trying', spoken),
    say(100, 'b>a', '180 Ringing', talk),
    say(answer, 'b>a', '200 OK', talk),
    say(answer + 20, 'a>b', 'ACK', talk),
    say(bye, 'a>b', 'BYE', talk),
    say(bye + 30, 'b>a', '200 OK', { ...talk, cseq: '2 BYE' }),
  ];
}
