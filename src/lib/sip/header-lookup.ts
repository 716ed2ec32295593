/** Any header of a message by name, looked up on demand: for scripts and reports, off the hot path. */
import type { SipFields } from '../base/index.js';
import { looksLikeSip } from './start-line.js';

const HEAD_END = /\r?\n\r?\n/;

/** Compact forms: RFC 3261 section 7.3.3, RFC 3515, 3841, 3892, 4028, 4474, 6665, 8224. */
const LONG_NAMES: Readonly<Record<string, string>> = {
  a: 'accept-contact',
  b: 'referred-by',
  c: 'content-type',
  d: 'request-disposition',
  e: 'content-encoding',
  f: 'from',
  i: 'call-id',
  j: 'reject-contact',
  k: 'supported',
  l: 'content-length',
  m: 'contact',
  n: 'identity-info',
  o: 'event',
  r: 'refer-to',
  s: 'subject',
  t: 'to',
  u: 'allow-events',
  v: 'via',
  x: 'session-expires',
  y: 'identity',
};

/** The value of the first header of that name, '' if absent. */
export function headerValue(sip: SipFields, name: string): string {
  return firstHeader(sip, name) ?? '';
}

/** As above; null if there is no such header, since a header may exist without a value. */
export function firstHeader(sip: SipFields, name: string): string | null {
  return find(sip.head, longHeaderName(name), true)[0] ?? null;
}

/** All values of a header by its name, in order; compact and long names are the same header, lists stay as written. */
export function headerValues(sip: SipFields, name: string): string[] {
  return find(sip.head, longHeaderName(name), false);
}

/** The Call-ID of bytes that are not (yet) a prepared message, to keep calls together; '' if they are not SIP. */
export function callIdIn(payload: Buffer): string {
  if (!looksLikeSip(payload, 0, payload.length)) return '';
  const text = payload.toString('utf8').trimStart();
  const end = text.search(HEAD_END);
  return find(end < 0 ? text : text.slice(0, end), 'call-id', true)[0] ?? '';
}

/** Lower case, compact forms written out. */
export function longHeaderName(name: string): string {
  const lower = name.trim().toLowerCase();
  return LONG_NAMES[lower] ?? lower;
}

function find(head: string, wanted: string, first: boolean): string[] {
  const values: string[] = [];
  let at = lineEnd(head, 0);
  while (at < head.length) {
    const line = behind(head, at);
    at = lineEnd(head, line);
    let next = behind(head, at);
    while (next < head.length && (head[next] === ' ' || head[next] === '\t')) {
      at = lineEnd(head, next);
      next = behind(head, at);
    }
    const colon = colonIn(head, line, at);
    if (colon < 0 || longHeaderName(head.slice(line, colon)) !== wanted) continue;
    values.push(head.slice(colon + 1, at).trim());
    if (first) break;
  }
  return values;
}

/** The first colon of a line, -1 without one; the search stops at the end of the line. */
function colonIn(head: string, from: number, to: number): number {
  for (let at = from; at < to; at++) if (head.charCodeAt(at) === 0x3a) return at;
  return -1;
}

function lineEnd(head: string, from: number): number {
  let at = from;
  while (at < head.length && head.charCodeAt(at) !== 13 && head.charCodeAt(at) !== 10) at++;
  return at;
}

function behind(head: string, end: number): number {
  return head.charCodeAt(end) === 13 && head.charCodeAt(end + 1) === 10 ? end + 2 : end + 1;
}
