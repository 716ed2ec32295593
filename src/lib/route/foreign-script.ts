/** Files that are not scripts of OpenSIPS: files that are not text, and scripts of Kamailio, whose route language is different. */
import { shellWord } from '../base/index.js';
import type { Diagnostics } from './diagnostics.js';
import type { Place } from './source.js';

/** Directives of its preprocessor, and routes and modules that only Kamailio has. */
const SIGNS: readonly RegExp[] = [
  /^#!(?:KAMAILIO|MAXCOMPAT|SER|ALL)\b/im,
  /^[#!]!(?:define|trydef|redefine|ifdef|ifndef|ifexp|subst|substdefs?|defenv|defexp)\b/m,
  /^[ \t]*(?:request_route|reply_route)[ \t]*[{[\r\n]/m,
  /^[ \t]*loadmodule[ \t]*\(?[ \t]*"(?:[^"\r\n]*\/)?(?:pv|kex|corex|tmx|textopsx|siputils|sanity|rtimer|ctl|jsonrpcs|cfg_rpc)(?:\.so)?"/m,
];

/** Null if the script is not one of Kamailio. */
export function kamailioSign(text: string): Place | null {
  for (const sign of SIGNS) {
    const match = sign.exec(text);
    if (match !== null) return { from: match.index, to: match.index + match[0].trimEnd().length };
  }
  return null;
}

/** True, and reported, where a file is no script of OpenSIPS; `whole` is its text with what it includes. */
export function isForeign(text: string, whole: string, file: string, diagnostics: Diagnostics): boolean {
  return isYaml(text, file, diagnostics) || isKamailio(whole, file, diagnostics);
}

function isKamailio(text: string, file: string, diagnostics: Diagnostics): boolean {
  const sign = kamailioSign(text);
  if (sign === null) return false;
  diagnostics.error(
    sign,
    `this is a Kamailio script: convert its settings with: sipcap config convert ${shellWord(file)}`,
    'routes of Kamailio do not run here; write them in the route language of OpenSIPS, or do without: every SIP message is stored then',
  );
  return true;
}

/** Lines before the first setting: empty ones, comments, the marks of YAML. */
const SKIPPED = /(?:[ \t]*(?:#[^\n]*)?\r?|---[^\n]*|%YAML[^\n]*)\n/y;
const SETTING = /[ \t]*(["']?[a-z_0-9]+["']?:)(?=\s|$)/y;

/** Reports YAML under another name: its first setting has a colon, which no script has there. */
function isYaml(text: string, file: string, diagnostics: Diagnostics): boolean {
  SKIPPED.lastIndex = SETTING.lastIndex = text.startsWith('\ufeff') ? 1 : 0;
  while (SKIPPED.test(text)) SETTING.lastIndex = SKIPPED.lastIndex;
  const setting = SETTING.exec(text);
  if (setting === null) return false;
  const to = setting.index + setting[0].length;
  const place = { from: to - setting[1].length, to };
  diagnostics.error(place, 'this is YAML, but its name is not: expected .yaml', `rename it to ${file.replace(/(?:\.[^./]*)?$/, '.yaml')}`);
  return true;
}

/** The report on a file that is not text, whose errors would fill pages; '' if it is text. */
export function binaryReport(text: string, file: string): string {
  return text.includes('\0') ? `${file}:1:1: not a text file${binaryKind(text)}: expected YAML or a script (.cfg)\n` : '';
}

/** What the file is instead, by its first bytes (read as UTF-8). */
function binaryKind(text: string): string {
  // eslint-disable-next-line no-control-regex
  const isPcap = /^[^\0]{1,4}(?:\x02\0\x04\0|\0\x02\0\x04)/.test(text);
  if (isPcap || text.startsWith('\n\r\r\n') || text.startsWith('HEP3')) return ' but a file of packets';
  if (text.startsWith('SQLite format 3')) return ' but an SQLite database';
  if (text.startsWith('\x1f')) return ' but a compressed file';
  return text.startsWith('\x7fELF') ? ' but a program' : '';
}
