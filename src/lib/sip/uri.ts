/** SIP and tel URIs (RFC 3261 section 19.1, RFC 3966) and the address headers around them (section 20.10). */
import { same } from './header-names.js';

/** Reads URIs and addresses into its own members: one reader serves all messages, nothing is allocated. */
export class AddressReader {
  user = '';
  host = '';
  port = 0;
  /** Where the parameters of the address header begin. */
  parametersFrom = 0;

  /** The first address of `text[from, to)`: name-addr with its quoted display name, or addr-spec. False where it is broken. */
  address(text: string, from: number, to: number): boolean {
    this.clear();
    this.parametersFrom = to;
    let at = from;
    // A quoted display name may hold an angle bracket; quotes elsewhere do not open one.
    if (text.charCodeAt(from) === 0x22) {
      at = quoteEnd(text, from, to);
      if (at < 0) return false;
    }
    const angle = text.indexOf('<', at);
    if (angle >= 0 && angle < to) {
      const close = text.indexOf('>', angle);
      if (close < 0 || close >= to) return false;
      this.parametersFrom = close + 1;
      return this.uri(text, skipSpace(text, angle + 1, close), close);
    }
    // Without angle brackets everything from the first semicolon on belongs to the header (section 20.10).
    let end = at;
    while (end < to && text.charCodeAt(end) !== 0x3b && text.charCodeAt(end) !== 0x2c) end++;
    this.parametersFrom = end;
    return this.uri(text, skipSpace(text, at, end), trimEnd(text, at, end));
  }

  /** The URI `text[from, to)`; false where it is none that we read. IPv6 hosts keep their brackets, a password is not part of the user. */
  uri(text: string, from: number, to: number): boolean {
    this.clear();
    if (text.charCodeAt(from + 3) === 0x3a) {
      if (same(text, from, 'sip')) return this.sipUri(text, from + 4, to);
      if (!same(text, from, 'tel')) return false;
      this.user = text.slice(from + 4, endOf(text, from + 4, to));
      return true;
    }
    return text.charCodeAt(from + 4) === 0x3a && same(text, from, 'sips') && this.sipUri(text, from + 5, to);
  }

  private clear(): void {
    this.user = '';
    this.host = '';
    this.port = 0;
  }

  private sipUri(text: string, from: number, to: number): boolean {
    const at = text.indexOf('@', from);
    let host = from;
    if (at >= 0 && at < to) {
      const colon = text.indexOf(':', from);
      this.user = text.slice(from, colon >= 0 && colon < at ? colon : at);
      host = at + 1;
    }
    let end = host;
    if (text.charCodeAt(host) === 0x5b) {
      const bracket = text.indexOf(']', host);
      if (bracket < 0 || bracket >= to) {
        this.user = '';
        return false;
      }
      end = bracket + 1;
    }
    while (end < to && !endsHost(text.charCodeAt(end))) end++;
    if (end === host) {
      this.user = '';
      return false;
    }
    this.host = text.slice(host, end);
    if (text.charCodeAt(end) === 0x3a) this.port = portAt(text, end + 1, to);
    return true;
  }
}

function portAt(text: string, from: number, to: number): number {
  let port = 0;
  for (let i = from; i < to; i++) {
    const digit = text.charCodeAt(i) - 0x30;
    if (digit < 0 || digit > 9) break;
    port = port * 10 + digit;
  }
  return port > 65_535 ? 0 : port;
}

/** `:` `;` `?` and white space. */
function endsHost(code: number): boolean {
  return code === 0x3a || code === 0x3b || code === 0x3f || code <= 0x20;
}

function endOf(text: string, from: number, to: number): number {
  let end = from;
  while (end < to && text.charCodeAt(end) !== 0x3b && text.charCodeAt(end) !== 0x3f) end++;
  return end;
}

/** The value of a parameter in `text[from, to)`, '' where it is absent; ends at the next `;` or `,`. */
export function readParameter(text: string, from: number, to: number, name: string): string {
  let at = from;
  while (at < to) {
    const semicolon = text.indexOf(';', at);
    if (semicolon < 0 || semicolon >= to) return '';
    const comma = text.indexOf(',', at);
    if (comma >= 0 && comma < semicolon) return '';
    const start = skipSpace(text, semicolon + 1, to);
    at = semicolon + 1;
    if (start + name.length > to || !same(text, start, name)) continue;
    const equals = skipSpace(text, start + name.length, to);
    if (text.charCodeAt(equals) !== 0x3d) continue;
    const value = skipSpace(text, equals + 1, to);
    let end = value;
    while (end < to && !endsParameter(text.charCodeAt(end))) end++;
    return text.slice(value, end);
  }
  return '';
}

/** `;` `,`, blank, tab and line end. */
function endsParameter(code: number): boolean {
  return code === 0x3b || code === 0x2c || code === 0x20 || code === 0x09 || code === 0x0d || code === 0x0a;
}

/** One past the closing quote, -1 where there is none; a backslash takes the next character with it. */
function quoteEnd(text: string, quote: number, to: number): number {
  for (let at = quote + 1; at < to; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x5c) at++;
    else if (code === 0x22) return at + 1;
  }
  return -1;
}

export function skipSpace(text: string, from: number, to: number): number {
  let at = from;
  while (at < to && text.charCodeAt(at) <= 0x20) at++;
  return at;
}

export function trimEnd(text: string, from: number, to: number): number {
  let end = to;
  while (end > from && text.charCodeAt(end - 1) <= 0x20) end--;
  return end;
}
