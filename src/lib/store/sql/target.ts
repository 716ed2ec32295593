/** A table as the target of a batch's rows: which columns are sent, where their values come from, and how they are made to fit. */
import type { ColumnValue, Counters, TableRows } from '../../base/index.js';
import { fitted } from './fit-columns.js';
import type { TableColumn } from './table-column.js';
import type { Partitioning } from './shape-of.js';

export interface TextRange {
  from: string;
  /** The first time after it. */
  until: string;
}

export interface Target {
  /** The table's name in the database. */
  table: string;
  /** The columns that are sent, in the order of an INSERT. */
  columns: readonly TableColumn[];
  names: readonly string[];
  /** Index of each column's value in a row of the batch, or -1: not ours, but the table requires a value. */
  places: readonly number[];
  /** Columns of ours that the table lacks. */
  missing: readonly string[];
  /** Those of them whose loss is counted: the message itself, and columns that the table had before. */
  lost: readonly string[];
  /** Identifies the table's current definition. */
  signature: string;
  /** Periods of its partitions, if we create them. */
  partition: Partitioning;
  /** Periods known to have a partition. */
  readonly periods: Set<string>;
  /** Ranges known to have one, as times `YYYY-MM-DD HH:MM:SS`; where partitions come in steps. */
  readonly ranges: TextRange[];
}

/** Columns that hold the message itself. */
const MESSAGE = ['msg', 'data'];

/** `renames`: names of our columns in the user's tables; `before`: our columns that the table had. */
export function makeTarget(
  table: string,
  columns: readonly string[],
  found: readonly TableColumn[],
  renames: Readonly<Record<string, string>>,
  partition: Partitioning,
  before: ReadonlySet<string> = new Set(),
): Target {
  const byName = new Map(found.map((column) => [column.name.toLowerCase(), column]));
  const taken = new Set<TableColumn>();
  const sent: { column: TableColumn; place: number }[] = [];
  const missing: string[] = [];
  columns.forEach((name, place) => {
    const column = byName.get((renames[name] ?? name).toLowerCase()) ?? byName.get(name.toLowerCase());
    if (column === undefined || taken.has(column)) {
      missing.push(name);
      return;
    }
    taken.add(column);
    sent.push({ column, place });
  });
  for (const column of found) if (column.needed && !taken.has(column)) sent.push({ column, place: -1 });
  return {
    table,
    missing,
    lost: missing.filter((name) => MESSAGE.includes(name) || before.has(name)),
    signature: signatureOf(found),
    partition,
    periods: new Set(),
    ranges: [],
    columns: sent.map(({ column }) => column),
    names: sent.map(({ column }) => column.name),
    places: sent.map(({ place }) => place),
  };
}

/** Everything that decides how values fit. */
export function signatureOf(columns: readonly TableColumn[]): string {
  return columns.map((column) => Object.values(column).join(' ')).join('\n');
}

/** The values of rows from..to as sent to the table, flat. */
export function valuesFor(target: Target, rows: TableRows, from: number, to: number, adjusted: Counters): ColumnValue[] {
  const { columns, places } = target;
  const width = rows.columns.length;
  const count = columns.length;
  const values = new Array<ColumnValue>((to - from) * count);
  let at = 0;
  for (let start = from * width; start < to * width; start += width) {
    for (let i = 0; i < count; i++) {
      const place = places[i];
      values[at++] = place < 0 ? emptyValue(columns[i]) : fitted(rows.values[start + place], columns[i], adjusted);
    }
  }
  return values;
}

/** The value of a column that we do not fill: '' and 0, never NULL. */
export function emptyValue(column: TableColumn): ColumnValue {
  if (column.kind === 'integer') return 0;
  if (column.kind === 'time') return '1970-01-01 00:00:01';
  return column.kind === 'bytes' ? Buffer.alloc(0) : '';
}
