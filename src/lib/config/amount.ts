/** Sizes and ages as people write them. */
import { UsageError } from '../base/index.js';

const SIZES = { '': 1, K: 1e3, M: 1e6, G: 1e9, T: 1e12 };
const AGES = { S: 1, M: 60, H: 3600, D: 86_400, W: 604_800 };

/** `20G`, `500M`: bytes, by thousands; a number without a unit is bytes. */
export function sizeBytes(text: string): number {
  return amount(text, SIZES) ?? invalid('size', text, 'a number of bytes, or one with K, M, G or T, as 20G');
}

/** `7d`, `12h`: seconds. A number without a unit could mean anything: only 0 may go without. */
export function ageSeconds(text: string): number {
  if (isZero(text)) return 0;
  return (
    amount(text, AGES) ?? invalid('duration', text, isBare(text) ? unitMissing(text, 'd', 's') : 'a number with s, m, h, d or w, as 30s')
  );
}

/** For OpenSIPS' own parameters: a bare number is seconds, as in OpenSIPS. */
export function parameterSeconds(text: string): number {
  return isBare(text) ? Math.round(Number(text)) : ageSeconds(text);
}

/** The age beyond which data is deleted: hours, days or weeks, which cannot be confused. 0 is off. */
export function keepSeconds(text: string): number {
  if (isZero(text)) return 0;
  const { H, D, W } = AGES;
  return amount(text, { H, D, W }) ?? invalid('age', text, isBare(text) ? unitMissing(text, 'd', 'h') : 'a number with h, d or w, as 36h');
}

/** Seconds in the largest unit that needs no fraction: 1h, 90s. */
export function ageText(seconds: number): string {
  const [unit, length] = Object.entries(AGES)
    .reverse()
    .find(([, each]) => seconds % each === 0) ?? ['S', 1];
  return seconds === 0 ? '0' : `${seconds / length}${unit.toLowerCase()}`;
}

function amount(text: string, units: Readonly<Record<string, number>>): number | null {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]?)(b?)$/i.exec(text.trim());
  // 5b is bytes; an age ends with its unit.
  if (match === null || (match[3] !== '' && units[''] === undefined)) return null;
  const unit = match[2].toUpperCase() === 'B' ? '' : match[2].toUpperCase();
  return units[unit] === undefined ? null : Math.round(Number(match[1]) * units[unit]);
}

function isBare(text: string): boolean {
  return /^\d+(?:\.\d+)?$/.test(text.trim());
}

function isZero(text: string): boolean {
  return /^0+$/.test(text.trim());
}

function unitMissing(text: string, ...units: string[]): string {
  return `a unit: ${units.map((unit) => `${text.trim()}${unit}`).join(' or ')}?`;
}

function invalid(what: string, text: string, expected: string): never {
  throw new UsageError(`invalid ${what} '${text}': expected ${expected}`);
}
