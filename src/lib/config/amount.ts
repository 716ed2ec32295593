/** Sizes and ages as people write them. */
import { UsageError } from '../base/index.js';

/** `20G`, `500M`: bytes, by thousands. */
export function sizeBytes(text: string): number {
  return amount(text, 'size', { '': 1, K: 1e3, M: 1e6, G: 1e9, T: 1e12 });
}

/** `7d`, `12h`: seconds. */
export function ageSeconds(text: string): number {
  return amount(text, 'age', { '': 1, S: 1, M: 60, H: 3600, D: 86_400, W: 604_800 });
}

/** What is deleted beyond it needs a unit, and one that nobody takes for another: hours, days or weeks. 0 is none. */
export function keepSeconds(text: string): number {
  if (/^0+$/.test(text.trim())) return 0;
  if (/^\d+(?:\.\d+)?\s*m?$/i.test(text.trim())) throw new UsageError(`'${text}' says too little: write 36h, 14d or 8w`);
  return amount(text, 'age', { H: 3600, D: 86_400, W: 604_800 });
}

function amount(text: string, what: string, units: Readonly<Record<string, number>>): number {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]?)b?$/i.exec(text.trim());
  const unit = match === null ? undefined : units[match[2].toUpperCase()];
  if (match === null || unit === undefined)
    throw new UsageError(`'${text}' is no ${what}: write a number with ${Object.keys(units).filter(Boolean).join(', ')} behind it`);
  return Math.round(Number(match[1]) * unit);
}
