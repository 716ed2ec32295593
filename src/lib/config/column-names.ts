/** `columns`: names of our columns in the user's tables, as by OpenSIPS' `*_column` parameters. */
import { UsageError } from '../base/index.js';
import { didYouMean } from '../route/index.js';
import { REPORT_COLUMNS, REPORT_COLUMNS_HOMER6, SIP_CAPTURE_COLUMNS } from '../row/index.js';
import { PartErrors, attempt, textOf, type ValueType, type RawValue } from './kind.js';

export const columnNames: ValueType<Readonly<Record<string, string>>> = {
  json: { type: 'object', additionalProperties: { type: 'string', pattern: '^\\w+$' } },
  read(leaf) {
    const given = isNamed(leaf) ? leaf : Object.fromEntries(pairs(leaf));
    const names: Record<string, string> = {};
    const parts: { part: string; message: string }[] = [];
    for (const [ours, theirs] of Object.entries(given)) {
      attempt(
        () => (names[ours] = columnName(ours, textOf(theirs))),
        (message) => parts.push({ part: ours, message }),
      );
    }
    if (parts.length > 0) throw isNamed(leaf) ? new PartErrors(parts) : new UsageError(parts[0].message);
    return names;
  },
};

function isNamed(leaf: RawValue): leaf is { readonly [name: string]: RawValue } {
  return leaf !== null && typeof leaf === 'object' && !Array.isArray(leaf);
}

/** `callid=call_id`, several of them with commas or as a list. */
function pairs(leaf: RawValue): [string, string][] {
  const texts = Array.isArray(leaf)
    ? (leaf as readonly RawValue[]).map(textOf)
    : textOf(leaf)
        .split(',')
        .filter((one) => one.trim() !== '');
  return texts.map((text) => {
    const match = /^\s*(\w+)\s*=\s*(\w+)\s*$/.exec(text);
    if (match === null) throw new UsageError(`invalid column name '${text}': expected COLUMN=NAME, as callid=call_id`);
    return [match[1], match[2]];
  });
}

function columnName(ours: string, theirs: string): string {
  const known = new Set([...SIP_CAPTURE_COLUMNS, ...REPORT_COLUMNS, ...REPORT_COLUMNS_HOMER6].map(({ name }) => name));
  if (!known.has(ours)) {
    const meant = didYouMean(ours, known);
    throw new UsageError(`unknown column '${ours}'${meant === '' ? '' : `: ${meant}`}`);
  }
  if (!/^\w+$/.test(theirs)) throw new UsageError(`invalid column name '${theirs}': expected letters, digits and _`);
  return theirs;
}
