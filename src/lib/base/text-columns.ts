/** Texts by the columns that a terminal gives them: East Asian characters and emoji have two, marks on another character none. */
import { createRequire } from 'node:module';
import type stringWidth from 'string-width';

const SHORT = 40;
const ASCII = /^[ -~]*$/;
/** One column for each: no marks, nothing wide, no surrogates. The arrows and the ellipsis are in many lines of our own. */
const NARROW = /^[\0-\u02ff\u2026\u2190\u2192\u2212]*$/;
/** What the library counts, as only U+0300 to U+036F have no column there. The selector U+FE0F makes an emoji of a sign: it stays. */
const NO_COLUMN = /(?!\ufe0f)[\p{Mn}\p{Me}\u200b-\u200d\u2060-\u2064\ufeff]/gu;
/** The engine's Unicode has emoji that are newer than the library. */
const EMOJI = /(?!\p{Regional_Indicator})\p{Emoji_Presentation}/gu;

let widthOf: typeof stringWidth | null = null;
let segmenter: Intl.Segmenter | null = null;

/** What nearly every text is. Looking at each character of a short one costs less than calling a regular expression. */
export function isPrintableAscii(text: string): boolean {
  if (text.length > SHORT) return ASCII.test(text);
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 0x20 || code > 0x7e) return false;
  }
  return true;
}

/** Columns of a printable text. */
export function columnsOf(text: string): number {
  if (isNarrow(text)) return text.length;
  // Few texts need it.
  widthOf ??= createRequire(import.meta.url)('string-width') as typeof stringWidth;
  return widthOf(text.replace(NO_COLUMN, '').replace(EMOJI, '  '));
}

/** In so many columns, cut after a whole character if it has more. */
export function cutTo(text: string, columns: number, ellipsis = '…'): string {
  if (columnsOf(text) <= columns) return text;
  if (columns < 1) return '';
  if (isNarrow(text)) return text.slice(0, columns - 1) + ellipsis;
  let cut = '';
  let left = columns - 1;
  for (const character of charactersOf(text)) {
    left -= columnsOf(character);
    if (left < 0) break;
    cut += character;
  }
  return cut + ellipsis;
}

/** As a reader sees them, each with the marks on it. */
export function* charactersOf(text: string): Iterable<string> {
  if (isNarrow(text)) return yield* text;
  segmenter ??= new Intl.Segmenter();
  for (const { segment } of segmenter.segment(text)) yield segment;
}

function isNarrow(text: string): boolean {
  return isPrintableAscii(text) || NARROW.test(text);
}
