/**
 * SIP and tel URIs (RFC 3261 section 19.1, RFC 3966), the address headers around them (section 20.10) and
 * header parameters. Results are offsets in its members: one reader serves all messages, nothing is allocated.
 * `bytes` and `text` are the same message with equal offsets, as in HeadScan.
 */
import { sameName } from './header-names.js';
import { skipSpace, trimEnd } from './head-scan.js';

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const SEMICOLON = 0x3b;
const LESS = 0x3c;
const EQUALS = 0x3d;
const QUESTION = 0x3f;
const AT = 0x40;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;

export class AddressReader {
  /** Offsets of user and host; equal if absent. IPv6 hosts keep their brackets. */
  userFrom = 0;
  userTo = 0;
  hostFrom = 0;
  hostTo = 0;
  /** The port, 0 if absent. */
  port = 0;
  /** Where the header's parameters begin. */
  parametersFrom = 0;
  /** The value found by `parameter`. */
  valueFrom = 0;
  valueTo = 0;

  /** The first address of `[from, to)`: name-addr with its display name, or addr-spec. False if it is malformed. */
  address(bytes: Uint8Array, text: string, from: number, to: number): boolean {
    this.parametersFrom = to;
    // A quoted display name may hold angle brackets; quotes further back do not open one.
    let at = from;
    if (bytes[from] === QUOTE) {
      at = quoteEnd(bytes, from, to);
      if (at < 0) {
        // An unclosed quote makes the address doubtful, but not the parameters after it.
        const close = text.indexOf('>', from);
        if (close >= 0 && close < to) this.parametersFrom = close + 1;
        return this.nothing();
      }
    }
    const angle = bytes[at] === LESS ? at : text.indexOf('<', at);
    if (angle >= 0 && angle < to) {
      const close = text.indexOf('>', angle);
      if (close < 0 || close >= to) return this.nothing();
      this.parametersFrom = close + 1;
      return this.uri(bytes, text, skipSpace(bytes, angle + 1, close), trimEnd(bytes, angle + 1, close));
    }
    // Without angle brackets, parameters from the first semicolon on belong to the header.
    let end = at;
    while (end < to && bytes[end] !== SEMICOLON && bytes[end] !== COMMA) end++;
    this.parametersFrom = end;
    return this.uri(bytes, text, at, trimEnd(bytes, at, end));
  }

  /** The URI `[from, to)`; false if its scheme is not supported. */
  uri(bytes: Uint8Array, text: string, from: number, to: number): boolean {
    this.nothing();
    if (to - from < 5) return false;
    if (bytes[from + 3] === COLON) {
      if (sameName(bytes, from, SIP)) return this.sipUri(bytes, text, from + 4, to);
      if (sameName(bytes, from, URN)) return true;
      return sameName(bytes, from, TEL) && this.telUri(bytes, from + 4, to);
    }
    return bytes[from + 4] === COLON && sameName(bytes, from, SIPS) && this.sipUri(bytes, text, from + 5, to);
  }

  /** Finds the parameter in `[from, to)`; values of a list end at the comma. True if it is present with a value. */
  parameter(bytes: Uint8Array, from: number, to: number, name: Uint8Array): boolean {
    let at = from;
    while (at < to) {
      const byte = bytes[at];
      if (byte > SEMICOLON) {
        at++;
        continue;
      }
      if (byte === COMMA) return false;
      if (byte === QUOTE) {
        at = quoteEnd(bytes, at, to);
        if (at < 0) return false;
        continue;
      }
      at++;
      if (byte !== SEMICOLON) continue;
      const start = skipSpace(bytes, at, to);
      if (start + name.length >= to || !sameName(bytes, start, name)) continue;
      const equals = skipSpace(bytes, start + name.length, to);
      if (equals >= to || bytes[equals] !== EQUALS) continue;
      let end = skipSpace(bytes, equals + 1, to);
      this.valueFrom = end;
      while (end < to && (STOPS[bytes[end]] & ENDS_VALUE) === 0) end++;
      this.valueTo = end;
      return end > this.valueFrom;
    }
    return false;
  }

  private nothing(): boolean {
    this.userFrom = this.userTo = this.hostFrom = this.hostTo = this.port = 0;
    return false;
  }

  /** `user:password@host:port;parameters?headers`; the password is not part of the user. */
  private sipUri(bytes: Uint8Array, text: string, from: number, to: number): boolean {
    let sign = from;
    let colon = -1;
    for (; sign < to; sign++) {
      const byte = bytes[sign];
      if (byte > AT) continue;
      if (byte === AT) break;
      if (byte === COLON && colon < 0) colon = sign;
    }
    const host = sign < to ? sign + 1 : from;
    let end = host;
    if (bytes[host] === OPEN_BRACKET) {
      end = text.indexOf(']', host);
      if (end < 0 || end >= to) return false;
    }
    while (end < to && STOPS[bytes[end]] < ENDS_HOST) end++;
    if (end === host || (end < to && !followsHost(bytes[end]))) return false;
    if (sign < to) {
      this.userFrom = from;
      this.userTo = colon < 0 ? sign : colon;
    }
    this.hostFrom = host;
    this.hostTo = end;
    this.port = end < to && bytes[end] === COLON ? portAt(bytes, end + 1, to) : 0;
    return true;
  }

  /** RFC 3966: the number up to its parameters. */
  private telUri(bytes: Uint8Array, from: number, to: number): boolean {
    let end = from;
    while (end < to && bytes[end] !== SEMICOLON && bytes[end] !== QUESTION) end++;
    this.userFrom = from;
    this.userTo = end;
    return end > from;
  }
}

const lower = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));
const SIP = lower('sip');
const SIPS = lower('sips');
/** RFC 5031: emergency services; it has neither user nor host. */
const URN = lower('urn');
const TEL = lower('tel');
export const TAG = lower('tag');
export const BRANCH = lower('branch');

/** By byte: flags for bytes that end a parameter value or (greater) a host. */
const ENDS_VALUE = 1;
const ENDS_HOST = 2;
const STOPS = Uint8Array.from({ length: 256 }, (_, byte) => (endsHost(byte) ? ENDS_HOST : 0) | (endsValue(byte) ? ENDS_VALUE : 0));

/** White space, quotes, commas, angle brackets, and what may follow a host. */
function endsHost(byte: number): boolean {
  return byte <= 0x20 || (byte >= COLON && byte <= QUESTION && byte !== EQUALS) || byte === QUOTE || byte === COMMA;
}

function endsValue(byte: number): boolean {
  return byte <= 0x20 || byte === SEMICOLON || byte === COMMA;
}

/** `:` port, `;` parameter, `?` header; also white space in a request line. */
function followsHost(byte: number): boolean {
  return byte === COLON || byte === SEMICOLON || byte === QUESTION || byte === 0x20 || byte === 0x09;
}

function portAt(bytes: Uint8Array, from: number, to: number): number {
  let port = 0;
  for (let at = from; at < to && bytes[at] >= 0x30 && bytes[at] <= 0x39; at++) port = Math.min(port * 10 + bytes[at] - 0x30, 100_000);
  return port > 65_535 ? 0 : port;
}

/** One past the closing quote, -1 without one; a backslash escapes the next character. */
function quoteEnd(bytes: Uint8Array, quote: number, to: number): number {
  for (let at = quote + 1; at < to; at++) {
    if (bytes[at] === BACKSLASH) at++;
    else if (bytes[at] === QUOTE) return at + 1;
  }
  return -1;
}
