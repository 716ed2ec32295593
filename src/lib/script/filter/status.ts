/** Status codes as people select them: `486`, `4xx`, `400-499`, `>=400`, several separated by commas. */
import { UsageError } from '../../base/index.js';
import type { Condition } from '../../store/read/index.js';

export interface StatusRange {
  from: number;
  to: number;
}

const LOWEST = 100;
const HIGHEST = 699;

export function statusRanges(texts: readonly string[], option: string): StatusRange[] {
  return texts.flatMap((text) => text.split(',').map((one) => statusRange(one.trim(), option, text)));
}

function statusRange(text: string, option: string, whole: string): StatusRange {
  const invalid = () => new UsageError(`invalid ${option} '${whole}': expected 486, 4xx, 400-499 or '>=400'`);
  const compared = /^([<>])(=?)(\d{3})$/.exec(text);
  if (compared !== null) {
    const code = Number(compared[3]);
    if (compared[1] === '>') return { from: compared[2] === '=' ? code : code + 1, to: HIGHEST };
    return { from: LOWEST, to: compared[2] === '=' ? code : code - 1 };
  }
  const match = /^(\d(?:\d\d|xx))(?:-(\d{3}))?$/i.exec(text);
  if (match === null) throw invalid();
  const isClass = /xx$/i.test(match[1]);
  const from = Number(match[1].replace(/x/gi, '0'));
  if (isClass && match[2] !== undefined) throw invalid();
  const to = isClass ? from + 99 : Number(match[2] ?? from);
  if (from < LOWEST || to > HIGHEST || from > to) throw invalid();
  return { from, to };
}

export function isInRanges(code: number, ranges: readonly StatusRange[]): boolean {
  return ranges.some(({ from, to }) => code >= from && code <= to);
}

/** Status codes are stored as three digits in the place of the method. */
export function statusCondition(ranges: readonly StatusRange[]): Condition {
  const of = ranges.map(({ from, to }): Condition =>
    from === to
      ? { kind: 'is', field: 'method', values: [String(from)] }
      : { kind: 'between', field: 'method', from: String(from), to: String(to) },
  );
  return of.length === 1 ? of[0] : { kind: 'any', of };
}
