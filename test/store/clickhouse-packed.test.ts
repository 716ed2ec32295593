/** Rows that are bytes from the moment they are added: what is sent is what the values would have given, and the values come back. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { Counters, type ColumnValue, type TableRows } from '../../src/lib/base/index.js';
import { REPORT_COLUMNS, REPORT_COLUMNS_HOMER6, SIP_CAPTURE_COLUMNS } from '../../src/lib/row/index.js';
import { clickhouseColumn } from '../../src/lib/store/clickhouse/columns.js';
import { ClickhousePacker, type PackedTable } from '../../src/lib/store/clickhouse/packed-rows.js';
import { rowEncoder, RowBinaryEncoder } from '../../src/lib/store/clickhouse/row-binary.js';
import { makeTarget } from '../../src/lib/store/sql/target.js';
import { root } from '../rigs/sipcap.js';

const identified = (columns: readonly { name: string }[]) => [...columns.map(({ name }) => name), 'stream', 'sequence'];
const SIP = identified(SIP_CAPTURE_COLUMNS);
const REPORT = identified(REPORT_COLUMNS);

/** The columns of a table as the server shows them. */
function created(level: string, shape: string) {
  const sql = readFileSync(join(root, `sql/${level}/${shape}.sql`), 'utf8');
  const columns = [...sql.matchAll(/^ {2}(?!INDEX)(\w+) (\w+(?:\([^)]*\))?)(?: CODEC\(.*\))?,?$/gm)];
  return columns.map(([, name, type]) => clickhouseColumn({ name, type }));
}

function row(columns: readonly string[], number: number, second: string): ColumnValue[] {
  return columns.map((name) => {
    if (name === 'date') return second;
    if (name === 'micro_ts') return 1_700_000_000_123_456 + number;
    if (name === 'msg') return Buffer.from([0, 0xff, 10, number & 0xff, ...Buffer.alloc(number % 300, 0x61)]);
    if (name === 'stream') return String(2n ** 64n - 1n - BigInt(number % 3));
    if (name === 'sequence') return 2 ** 40 + number;
    if (/port$/.test(name)) return number % 65_536;
    if (['proto', 'family', 'type'].includes(name)) return number % 256;
    return ['', 'alice', 'Zoë ☎ 😀', 'x'.repeat(number % 200), `${name}.${number}`][number % 5];
  });
}

function packed(columns: readonly string[], rows: readonly ColumnValue[][], packer = new ClickhousePacker()): PackedTable {
  const table = packer.rows('t', columns)!;
  for (const values of rows) table.add(values);
  return table;
}

describe.each([
  ['sip_capture', SIP],
  ['rtcp_capture', REPORT],
])('%s', (shape, columns) => {
  const days = ['2023-11-14 22:13:20', '2023-11-14 23:59:59', '2023-11-15 00:00:00', '1970-01-01 00:00:00'];
  const rows = Array.from({ length: 1000 }, (_, number) => row(columns, number, days[number % 4]));

  test.each(['clickhouse', 'clickhouse-plain'])('is the same bytes as from values, in tables of %s', (level) => {
    const target = makeTarget('t', columns, created(level, shape), {}, 'day');
    expect(target.missing).toEqual([]);
    const table = packed(columns, rows);
    expect(table.fits(target)).toBe(true);
    const flat: TableRows = { table: 't', columns, values: rows.flat(), count: rows.length };
    const encode = (numbers: number[]) =>
      Buffer.from(new RowBinaryEncoder().encode(rowEncoder(target), flat, numbers, new Counters())).toString('hex');
    const numbers = [...rows.keys()];
    // Two of the four times are of one day.
    const expected = [[0, 1], [2], [3]].map((rest) => encode(numbers.filter((n) => rest.includes(n % 4))));
    expect(table.byDay(0, rows.length).map((bytes) => bytes.toString('hex'))).toEqual(expected);
    expect(table.byDay(7, 8).map((bytes) => bytes.toString('hex'))).toEqual([encode([7])]);
    const oneDay = packed(columns, rows.slice(0, 2));
    expect(oneDay.byDay(0, 2).map((bytes) => bytes.toString('hex'))).toEqual([encode([0, 1])]);
    expect(oneDay.byDay(1, 2).map((bytes) => bytes.toString('hex'))).toEqual([encode([1])]);
  });

  test('the values come back, of one row and of all, also when the memory is used again', () => {
    const packer = new ClickhousePacker();
    const first = packed(columns, rows, packer);
    expect(first.values.length).toBe(rows.length * columns.length);
    expect(first.values.slice(0, 100 * columns.length)).toEqual(rows.slice(0, 100).flat());
    expect(first.valuesOf(999)).toEqual(rows[999]);
    const kept = first.valuesOf(4);
    packer.release(first);
    const other = rows.slice(950);
    const second = packed(columns, other, packer);
    expect(second).toBe(first);
    expect([second.count, second.values]).toEqual([50, other.flat()]);
    expect(kept).toEqual(rows[4]);
  });
});

test('values that do not fit are changed as in the table, and counted', () => {
  const values = row(SIP, 1, '2200-01-01 00:00:00');
  const [port, type] = [SIP.indexOf('contact_port'), SIP.indexOf('type')];
  values[port] = 70_000;
  values[type] = -1;
  const table = packed(SIP, [values]);
  const back = table.valuesOf(0);
  expect([back[0], back[port], back[type]]).toEqual(['2105-12-31 23:59:59', 65_535, 0]);
  expect(Object.fromEntries(table.adjusted.entries())).toEqual({ clamped_date: 1, clamped_contact_port: 1, clamped_type: 1 });
});

test('tables with other columns or types get rows made of the values', () => {
  const table = packed(SIP, [row(SIP, 1, '2023-11-14 22:13:20')]);
  const found = created('clickhouse-plain', 'sip_capture');
  const fits = (columns: typeof found) => table.fits(makeTarget('t', SIP, columns, {}, 'day'));
  const changed = (name: string, type: string) => found.map((column) => (column.name === name ? clickhouseColumn({ name, type }) : column));
  expect(fits(found)).toBe(true);
  expect(fits(found.toReversed())).toBe(true);
  expect(fits(changed('date', 'DateTime'))).toBe(true);
  expect(fits(changed('method', 'LowCardinality(String)'))).toBe(true);
  expect(fits(changed('method', 'Nullable(String)'))).toBe(false);
  expect(fits(changed('method', 'LowCardinality(Nullable(String))'))).toBe(false);
  expect(fits(changed('source_port', 'UInt32'))).toBe(false);
  expect(fits(found.slice(1))).toBe(false);
});

test('other lists of columns are not packed', () => {
  expect(new ClickhousePacker().rows('t', identified(REPORT_COLUMNS_HOMER6))).toBeNull();
  expect(new ClickhousePacker().rows('t', SIP.slice(0, -2))).toBeNull();
});
