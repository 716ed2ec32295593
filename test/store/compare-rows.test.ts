/** Rows that are written only if absent: in every table format, as multisets, whatever is retried. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ColumnValue, TableRows } from '../../src/lib/base/index.js';
import { REPORT_COLUMNS, REPORT_COLUMNS_HOMER6 } from '../../src/lib/row/index.js';
import { loadStore, type Store } from '../../src/lib/store/index.js';
import { databaseMakers, type TestDatabase } from '../rigs/databases.js';
import { batch, tableRows } from '../rigs/rows.js';

const compared = (rows: TableRows): TableRows => ({
  ...rows,
  compared: Array.from({ length: rows.count }, (_, row) => ({ row, isMessage: row % 2 === 0 })),
});

function reports(columns: readonly { name: string; kind: string }[], from: number, to: number): TableRows {
  const values: ColumnValue[] = [];
  for (let i = from; i < to; i++)
    for (const { name, kind } of columns) {
      if (kind === 'time') values.push('2023-11-14 22:13:20');
      else if (name === 'micro_ts') values.push(1_700_000_000_000_000 + i);
      else if (kind === 'integer') values.push(i % 200);
      else values.push(kind === 'bytes' ? Buffer.from([0xff, 0, i % 200]) : `${name} ${i % 200}`.slice(0, 30));
    }
  return { table: 'reports', columns: columns.map(({ name }) => name), values, count: to - from };
}

const SHAPES: [string, (from: number, to: number) => TableRows][] = [
  ['sip_capture', (from, to) => tableRows(from, to)],
  ['rtcp_capture', (from, to) => reports(REPORT_COLUMNS, from, to)],
  ['rtcp_capture_homer6', (from, to) => reports(REPORT_COLUMNS_HOMER6, from, to)],
];

describe.each(databaseMakers())('$kind', ({ make }) => {
  let database: TestDatabase;
  let store: Store;

  beforeEach(async () => {
    database = await make();
    store = await loadStore(database.url);
    await store.open();
  });
  afterEach(async () => {
    await store.close();
    await database.drop();
  });

  test.each(SHAPES)('%s: existing rows are skipped and counted, the rest is stored', async (_, rows) => {
    const { table } = rows(0, 1);
    const count = async () => Number((await database.query(`SELECT count(*) AS n FROM ${table}`))[0].n);
    await store.write(batch(1, rows(0, 10)));
    expect(await store.write(batch(2, compared(rows(4, 14))))).toEqual({
      outcome: 'stored',
      refused: [],
      present: { rows: 6, messages: 3 },
    });
    expect(await count()).toBe(14);
    // Only the rows that are marked.
    await store.write(batch(3, rows(0, 2)));
    expect(await count()).toBe(16);
    // Stored twice by now: as many of them are there.
    const [first] = [rows(0, 1)];
    const three: TableRows = compared({ ...first, values: [...first.values, ...first.values, ...first.values], count: 3 });
    expect(await store.write(batch(4, three))).toMatchObject({ present: { rows: 2 } });
    // The batch before had three of them, so that this is the fourth.
    expect(await store.write(batch(5, compared(first)))).toEqual({ outcome: 'stored', refused: [] });
    expect(await count()).toBe(18);
  });

  test('a refused row is identified by its place in the batch', async () => {
    await store.write(batch(1, tableRows(0, 3)));
    await database.query('CREATE UNIQUE INDEX once ON sip_capture (from_user)');
    const rows = tableRows(0, 6, { 4: { callid: 'other', from_user: 'from_user 1' } });
    expect(await store.write(batch(2, compared(rows)))).toMatchObject({
      refused: [{ table: 'sip_capture', row: 4 }],
      present: { rows: 3, messages: 2 },
    });
  });
});
