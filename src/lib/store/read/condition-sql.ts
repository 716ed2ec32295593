/** Conditions as SQL of one table, values always bound. Conditions without a column are omitted: more is found, never less. */
import type { ColumnValue } from '../../base/index.js';
import { SIP_CAPTURE_COLUMNS } from '../../row/index.js';
import { FIELD_COLUMNS, type Condition, type QueryField } from './query.js';
import type { MessageTable } from './message-tables.js';
import type { ReadColumn, TableKind } from './read-column.js';

/** Characters of our text columns. */
const WIDTHS: ReadonlyMap<string, number> = new Map(
  SIP_CAPTURE_COLUMNS.filter(({ kind }) => kind === 'text').map(({ name, width }) => [name, width]),
);

export interface SqlCondition {
  text: string;
  values: ColumnValue[];
}

/** Only these are compared the same by every database, character set and collation. */
const PLAIN = /^[\x20-\x7e]*$/;

/** Null if no part of it can be expressed. */
export function conditionSql(table: MessageTable, condition: Condition | null): SqlCondition | null {
  if (condition === null) return null;
  switch (condition.kind) {
    case 'all':
      return joined(
        condition.of.map((one) => conditionSql(table, one)).filter((one): one is SqlCondition => one !== null),
        ' AND ',
      );
    case 'any': {
      const parts = condition.of.map((one) => conditionSql(table, one));
      return parts.includes(null) ? null : joined(parts as SqlCondition[], ' OR ');
    }
    case 'contains':
      return containsSql(table, condition.texts);
    default:
      return comparisonSql(table, condition);
  }
}

function containsSql(table: MessageTable, texts: readonly string[]): SqlCondition | null {
  const column = table.column('msg');
  if (column === null) return null;
  const text = table.dialect.contains === undefined ? `instr(${column.sql}, ?) > 0` : table.dialect.contains(column);
  if (text === null) return null;
  return joined(
    texts.map((value) => ({ text, values: [value] })),
    ' OR ',
  );
}

export function joined(parts: readonly SqlCondition[], word: ' AND ' | ' OR '): SqlCondition | null {
  if (parts.length === 0) return null;
  if (parts.length === 1) return parts[0];
  return { text: `(${parts.map(({ text }) => text).join(word)})`, values: parts.flatMap(({ values }) => values) };
}

type Comparison = Exclude<Condition, { kind: 'all' | 'any' | 'contains' }>;

function comparisonSql(table: MessageTable, comparison: Comparison): SqlCondition | null {
  const column = table.column(FIELD_COLUMNS[comparison.field]);
  if (column === null) return null;
  const found = columnSql(column, comparison, table.dialect.inlinesValues !== true);
  if (found === null || !column.mayLack) return found;
  return { text: `(${found.text} OR ${column.sql} IS NULL)`, values: found.values };
}

function columnSql(column: ReadColumn, comparison: Comparison, padded: boolean): SqlCondition | null {
  const name = column.sql;
  if (comparison.kind === 'between')
    return column.kind === 'text' ? { text: `${name} BETWEEN ? AND ?`, values: [comparison.from, comparison.to] } : null;
  if (comparison.kind === 'like') {
    const { pattern, caseless = false } = comparison;
    if (column.kind !== 'text' || !PLAIN.test(pattern)) return null;
    return caseless ? { text: `lower(${name}) LIKE ?`, values: [pattern.toLowerCase()] } : { text: `${name} LIKE ?`, values: [pattern] };
  }
  const { values, caseless = false } = comparison;
  if (column.kind === 'integer') {
    const numbers = values.map(Number);
    return numbers.every(Number.isSafeInteger) ? isIn(name, numbers, padded) : null;
  }
  if (column.kind !== 'text') return null;
  const texts = values.map(String);
  if (!texts.every((text) => PLAIN.test(text))) return null;
  // Long values were truncated when stored, to the column or to our own limit, since SQLite's columns have none.
  const width = WIDTHS.get(FIELD_COLUMNS[comparison.field]) ?? Infinity;
  const cut = texts.flatMap((text) => [text.slice(0, column.characters), text.slice(0, Math.min(column.characters, width))]);
  if (!caseless || cut.every((text) => !/[a-z]/i.test(text))) return isIn(name, cut, padded);
  return isIn(
    `lower(${name})`,
    cut.map((text) => text.toLowerCase()),
    padded,
  );
}

/** To limit the number of distinct statements, a long list can be padded to a power of two with its last value. */
function isIn(name: string, values: readonly ColumnValue[], isPadded: boolean): SqlCondition {
  const list = [...new Set(values)];
  if (list.length === 1) return { text: `${name} = ?`, values: list };
  const length = isPadded ? 2 ** Math.ceil(Math.log2(Math.max(list.length, 1))) : list.length;
  const padded = [...list, ...new Array<ColumnValue>(length - list.length).fill(list[list.length - 1])];
  return { text: `${name} IN (${padded.map(() => '?').join(',')})`, values: padded };
}

/** Columns that are indexed in all such tables. */
const INDEXED: Readonly<Record<TableKind, ReadonlySet<QueryField>>> = {
  messages: new Set<QueryField>(['callId', 'callIdAleg', 'ruriUser', 'fromUser', 'toUser', 'pidUser', 'authUser']),
  reports: new Set<QueryField>(['correlationId']),
};
/** Those that select few rows, however large the table is. */
const KEYS: ReadonlySet<QueryField> = new Set<QueryField>(['callId', 'callIdAleg', 'correlationId']);

/** Whether an index selects few rows: `key` if that is certain. */
export function selectivity(condition: Condition | null, table: TableKind): 'none' | 'indexed' | 'key' {
  if (condition === null) return 'none';
  switch (condition.kind) {
    case 'all': {
      const each = condition.of.map((one) => selectivity(one, table));
      return each.includes('key') ? 'key' : each.includes('indexed') ? 'indexed' : 'none';
    }
    case 'any': {
      const each = condition.of.map((one) => selectivity(one, table));
      return each.includes('none') ? 'none' : each.every((one) => one === 'key') ? 'key' : 'indexed';
    }
    case 'is':
      if (!INDEXED[table].has(condition.field)) return 'none';
      if (condition.caseless === true && condition.values.some((value) => /[a-z]/i.test(String(value)))) return 'none';
      return KEYS.has(condition.field) ? 'key' : 'indexed';
    default:
      return 'none';
  }
}
