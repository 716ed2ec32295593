/** Values of single headers: Via, CSeq, Content-Length, Digest credentials, X-OIP. */
import { skipSpace } from './head-scan.js';

const SLASH = 0x2f;
const MAX_LENGTH_DIGITS = 10;

/** Offset of the sent-by, after protocol name, version and transport (RFC 3261 section 20.42); -1 if it is not a Via. */
export function sentByOf(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  for (let slashes = 0; at < to; at++) {
    if (bytes[at] === SLASH && ++slashes === 2) break;
  }
  const transport = skipSpace(bytes, at + 1, to);
  let end = transport;
  while (end < to && bytes[end] > 0x20) end++;
  const sentBy = skipSpace(bytes, end, to);
  return end > transport && sentBy < to ? sentBy : -1;
}

/** RFC 3261 section 20.16: digits, white space, a method. */
export function validCseq(bytes: Uint8Array, from: number, to: number): boolean {
  let at = from;
  while (at < to && isDigit(bytes[at])) at++;
  const method = skipSpace(bytes, at, to);
  return at > from && method > at && method < to;
}

/** The value of a decimal number (RFC 3261 section 20.14), -1 if it is anything else. */
export function lengthNumber(bytes: Uint8Array, from: number, to: number): number {
  if (to <= from || to - from > MAX_LENGTH_DIGITS) return -1;
  let value = 0;
  for (let at = from; at < to; at++) {
    if (!isDigit(bytes[at])) return -1;
    value = value * 10 + bytes[at] - 0x30;
  }
  return value;
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

/** The Digest user name up to '@' (RFC 7616 section 3.4), '' for other schemes. */
export function authUser(value: string): string {
  if (!value.slice(0, 7).toLowerCase().startsWith('digest') || value.charCodeAt(6) > 0x20) return '';
  let at = 7;
  while (at < value.length) {
    const equals = value.indexOf('=', at);
    if (equals < 0) return '';
    const name = value.slice(at, equals).trim().toLowerCase();
    let from = equals + 1;
    while (value.charCodeAt(from) <= 0x20) from++;
    const quoted = value.charCodeAt(from) === 0x22;
    const to = quoted ? closingQuote(value, from) : commaAt(value, from);
    if (name === 'username') return userPart(quoted ? value.slice(from + 1, to) : value.slice(from, to).trim());
    at = commaAt(value, to) + 1;
  }
  return '';
}

function closingQuote(value: string, quote: number): number {
  let at = quote + 1;
  while (at < value.length && value.charCodeAt(at) !== 0x22) at += value.charCodeAt(at) === 0x5c ? 2 : 1;
  return Math.min(at, value.length);
}

function commaAt(value: string, from: number): number {
  const comma = value.indexOf(',', from);
  return comma < 0 ? value.length : comma;
}

function userPart(name: string): string {
  const sign = name.indexOf('@');
  return sign < 0 ? name : name.slice(0, sign);
}

/** `address:port` or a URI (`<sip:user@address:port;transport=udp>`), split at the last colon outside brackets; without brackets several colons are an IPv6 address alone. */
export function originator(value: string): { host: string; port: number } {
  const place = placeOf(value);
  const colon = place.lastIndexOf(':');
  const bracket = place.lastIndexOf(']');
  if (colon <= bracket || (bracket < 0 && place.indexOf(':') !== colon)) return { host: place, port: 0 };
  const port = parseInt(place.slice(colon + 1), 10);
  return { host: place.slice(0, colon), port: port >= 0 && port <= 65_535 ? port : 0 };
}

/** Of a SIP URI its host and port, in its brackets or without; anything else as it is. */
function placeOf(value: string): string {
  const match = /^(?:[^<]*<)?\s*sips?:(?:[^@>]*@)?(\[[^\]]*\][^;?>\s]*|[^;?>\s]*)/i.exec(value);
  return match === null ? value : match[1];
}
