/** Text output that is safe for a terminal, a log or a spreadsheet, and times. */
import { isPrintableAscii } from './text-columns.js';

export * from './nearest.js';
export * from './text-columns.js';

/** Characters that control a terminal, end a line, or change the direction of the text around them. */
// eslint-disable-next-line no-control-regex
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;
/** Those of them removed from a multi-line cell. */
// eslint-disable-next-line no-control-regex
const UNSAFE_IN_CELL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]|\r(?!\n)/g;
/** Those that JSON.stringify does not escape. */
const UNSAFE_IN_JSON = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** V8 copies what is shorter. */
const MIN_SLICE = 13;
const MAX_WORDS = 256;

/** `1,234,567`, of an integer. Intl would write the same, but loads its data first: 30 ms of a short command. */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

/** Replaces each unsafe character with a dot, so that columns keep their width. */
export function printable(text: string): string {
  return isPrintableAscii(text) ? text : text.replace(UNSAFE, '.');
}

/** A path or an address in a command that is advised, as a shell takes it. */
export function shellWord(text: string): string {
  if (text.startsWith('-')) return shellWord(`./${text}`);
  return /^[\w./:@%+=,-]+$/.test(text) ? text : `'${text.replace(/'/g, `'\\''`)}'`;
}

/**
 * Its bytes in UTF-8, one character a byte: to be written as Latin-1, which costs a copy. Text is ASCII mostly, and then it
 * stays as it is.
 */
export function utf8Text(text: string): string {
  const length = Buffer.byteLength(text, 'utf8');
  return length === text.length ? text : Buffer.from(text, 'utf8').latin1Slice(0, length);
}

/** A copy of a slice, so that a short text does not keep its whole message in memory. */
export function detached(text: string): string {
  return text.length < MIN_SLICE ? text : ` ${text}`.slice(1);
}

/** Own texts of the words that traffic has again and again: names of codecs, domains, user agents. */
export class Words {
  private readonly known = new Map<string, string>();

  own(word: string): string {
    let own = this.known.get(word);
    if (own === undefined) {
      own = detached(word);
      if (this.known.size >= MAX_WORDS) this.known.clear();
      this.known.set(own, own);
    }
    return own;
  }
}

/** On one line, unsafe characters escaped: `\n`, `\x1b`, `\u202e`. */
export function escapedLine(text: string): string {
  return text.replace(UNSAFE, escapeOf);
}

/** JSON on one line without terminal control characters; it parses to the same value. */
export function safeJson(value: unknown): string {
  return JSON.stringify(value).replace(UNSAFE_IN_JSON, (character) => `\\u${hex(character, 4)}`);
}

/**
 * A cell of RFC 4180. Unsafe characters are escaped (except tabs and line ends: `msg` has lines). A cell that a
 * spreadsheet would take as a formula (it begins with = + - @ or a tab, and is not a number or telephone number) gets a
 * leading apostrophe, unless `raw` is requested.
 */
export function csvCell(value: string | number, raw = false): string {
  if (typeof value === 'number') return String(value);
  const safe = value.replace(UNSAFE_IN_CELL, escapeOf);
  const cell = raw ? safe : withoutFormula(safe);
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

function withoutFormula(cell: string): string {
  return /^[=+\-@\t\r]/.test(cell) && !/^[0-9+\-(). ]*$/.test(cell) ? `'${cell}` : cell;
}

/** `2026-01-31 12:00:00.123456` in UTC. */
export function timeText(microseconds: number): string {
  const millis = Math.floor(microseconds / 1000);
  const iso = new Date(millis).toISOString();
  const micros = String(Math.floor(microseconds - Math.floor(microseconds / 1e6) * 1e6)).padStart(6, '0');
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)}.${micros}`;
}

/** `timeText` for consecutive times: traffic has many messages per second, so the text of the last second is cached. */
export class TimeTexts {
  private second = NaN;
  private text = '';

  at(microseconds: number): string {
    const second = Math.floor(microseconds / 1e6);
    if (second !== this.second) {
      this.second = second;
      this.text = timeText(second * 1e6).slice(0, 20);
    }
    return this.text + String(Math.floor(microseconds - second * 1e6)).padStart(6, '0');
  }
}

function escapeOf(character: string): string {
  if (character === '\n') return '\\n';
  if (character === '\r') return '\\r';
  if (character === '\t') return '\\t';
  return character > '\u00ff' ? `\\u${hex(character, 4)}` : `\\x${hex(character, 2)}`;
}

function hex(character: string, digits: number): string {
  return character.charCodeAt(0).toString(16).padStart(digits, '0');
}
