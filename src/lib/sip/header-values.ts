/** Values of single headers: Via, CSeq, Digest credentials, X-OIP; and any header of a message by its name. */
import type { SipFields } from '../base/index.js';
import { same, headerOf, OTHER } from './header-names.js';
import { skipSpace, trimEnd } from './uri.js';

/** RFC 3261 section 20.42: protocol name, version and transport with slashes, white space, sent-by. */
export function validVia(text: string, from: number, to: number): boolean {
  const first = text.indexOf('/', from);
  const second = first < 0 ? -1 : text.indexOf('/', first + 1);
  if (second < 0 || second >= to) return false;
  const word = skipSpace(text, second + 1, to);
  let end = word;
  while (end < to && text.charCodeAt(end) > 0x20) end++;
  return end > word && skipSpace(text, end, to) < to;
}

/** RFC 3261 section 20.16: digits, white space, a method. */
export function validCseq(text: string, from: number, to: number): boolean {
  let at = from;
  while (at < to && text.charCodeAt(at) >= 0x30 && text.charCodeAt(at) <= 0x39) at++;
  const method = skipSpace(text, at, to);
  return at > from && method > at && method < to;
}

/** The Digest user name up to '@' (RFC 7616 section 3.4), '' for other schemes. */
export function authUser(value: string): string {
  if (value.length < 7 || !same(value, 0, 'digest')) return '';
  let at = 6;
  for (;;) {
    at = skipSpace(value, at, value.length);
    const equals = value.indexOf('=', at);
    if (equals < 0) return '';
    const isUser = trimEnd(value, at, equals) - at === 8 && same(value, at, 'username');
    let from = skipSpace(value, equals + 1, value.length);
    let to: number;
    if (value.charCodeAt(from) === 0x22) {
      from++;
      to = from;
      while (to < value.length && value.charCodeAt(to) !== 0x22) to += value.charCodeAt(to) === 0x5c ? 2 : 1;
      at = value.indexOf(',', to);
    } else {
      at = value.indexOf(',', from);
      to = at < 0 ? value.length : at;
    }
    if (isUser) {
      const user = value.slice(from, to);
      const domain = user.indexOf('@');
      return domain < 0 ? user : user.slice(0, domain);
    }
    if (at < 0) return '';
    at++;
  }
}

/** `address:port`, split at the last colon outside brackets. */
export function originator(value: string): { host: string; port: number } {
  const bracket = value.lastIndexOf(']');
  const colon = value.lastIndexOf(':');
  // Several colons without brackets: an IPv6 address alone.
  if (colon <= bracket || (bracket < 0 && value.indexOf(':') !== colon)) return { host: value, port: 0 };
  const port = /^\d{1,5}/.exec(value.slice(colon + 1));
  const number = port === null ? 0 : Number(port[0]);
  return { host: value.slice(0, colon), port: number > 65_535 ? 0 : number };
}

/** All values of a header by its name, in order; compact forms and long ones are the same header. */
export function headerValues(sip: SipFields, name: string): string[] {
  const values: string[] = [];
  const wanted = name.toLowerCase();
  const number = headerOf(wanted, 0, wanted.length);
  const { head } = sip;
  let at = head.indexOf('\n') + 1;
  while (at > 0 && at < head.length) {
    let end = head.indexOf('\n', at);
    while (end >= 0 && (head.charCodeAt(end + 1) === 0x20 || head.charCodeAt(end + 1) === 0x09)) end = head.indexOf('\n', end + 1);
    if (end < 0) end = head.length;
    const colon = head.indexOf(':', at);
    if (colon >= 0 && colon < end) {
      const nameEnd = trimEnd(head, at, colon);
      const isWanted = number === OTHER ? nameEnd - at === wanted.length && same(head, at, wanted) : headerOf(head, at, nameEnd) === number;
      if (isWanted) {
        const from = skipSpace(head, colon + 1, end);
        values.push(head.slice(from, trimEnd(head, from, end)));
      }
    }
    at = end + 1;
  }
  return values;
}
