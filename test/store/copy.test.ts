/** PostgreSQL's COPY formats, byte by byte, and against a real server if available. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Counters, type ColumnValue } from '../../src/lib/base/index.js';
import { CopyBinary, type BinaryType } from '../../src/lib/store/postgresql/copy-binary.js';
import { copyText } from '../../src/lib/store/postgresql/copy-text.js';
import { loadStore } from '../../src/lib/store/index.js';
import { tableColumn, type TableColumn } from '../../src/lib/store/sql/table-column.js';
import { makeTarget } from '../../src/lib/store/sql/target.js';
import { databaseMakers } from '../rigs/databases.js';
import { stream } from '../rigs/rows.js';

test('text: tabs, lines, backslashes, NULL, bytes', () => {
  expect(
    copyText(
      ['a\tb\nc\rd\\e\bf\vg\f', 7, null, Buffer.from([0, 0x5c, 255]), '\\N', 'é'],
      (['bytes', 'text', 'text'] as const).map((kind) => ({ kind })),
    ).toString(),
  ).toBe('a\\tb\\nc\\rd\\\\e\\bf\\vg\\f\t7\t\\N\n\\\\x005cff\t\\\\N\té\n');
});

describe('binary', () => {
  const TYPES: BinaryType[] = ['text', 'bytea', 'int2', 'int4', 'int8', 'time'];
  const columns = TYPES.map((type) => tableColumn(type, 'other'));
  const SIGNATURE = '5047434f50590aff0d0a00' + '00000000' + '00000000';

  const encoded = (
    encoder: CopyBinary,
    values: ColumnValue[],
    sent: TableColumn[],
    types: BinaryType[],
    ends: [boolean, boolean],
    adjusted = new Counters(),
  ) => {
    const names = sent.map(({ name }) => name);
    const rows = { table: 't', columns: names, values, count: values.length / names.length };
    return encoder.encode(makeTarget('t', names, sent, {}, 'none'), types, rows, [0, rows.count], adjusted, ends, true);
  };

  test('signature, fields, end', () => {
    const values: ColumnValue[] = ['aé', Buffer.from([1, 2]), -2, 70_000, -1, '2000-01-01 00:00:01'];
    const bytes = encoded(new CopyBinary(), values, columns, TYPES, [true, true]);
    expect(bytes.toString('hex')).toBe(
      [
        SIGNATURE,
        '0006',
        '00000003',
        '61c3a9',
        '00000002',
        '0102',
        '00000002',
        'fffe',
        '00000004',
        '00011170',
        '00000008',
        'ffffffffffffffff',
        '00000008',
        '00000000000f4240',
        'ffff',
      ].join(''),
    );
  });

  test('NULL, pieces', () => {
    const encoder = new CopyBinary();
    const nulls = encoded(encoder, [null], [columns[0]], ['text'], [true, false]).toString('hex');
    expect([nulls, encoded(encoder, ['x'], [columns[0]], ['text'], [false, true]).toString('hex')]).toEqual([
      `${SIGNATURE}0001ffffffff`,
      '00010000000178ffff',
    ]);
  });

  test('what is not a number or a time is reported', () => {
    expect(() => encoded(new CopyBinary(), ['twelve'], [columns[3]], ['int4'], [true, true])).toThrow('column int4 takes whole numbers');
    expect(() => encoded(new CopyBinary(), ['yesterday'], [columns[5]], ['time'], [true, true])).toThrow('column time takes times');
  });

  test('short text and numbers fit their column like all others', () => {
    const text = { ...tableColumn('text', 'text'), characters: 3 };
    const number = { ...tableColumn('int4', 'integer'), min: -2, max: 70_000 };
    const adjusted = new Counters();
    const values = ['abc', 70_000, 'abcd', 70_001, 'é\0x', -3, '\0', -2, '', 1];
    const bytes = encoded(new CopyBinary(), values, [text, number], ['text', 'int4'], [false, false], adjusted);
    const field = (text: string) => Buffer.from(text).toString('hex');
    const int4 = (value: number) => `00000004${(value >>> 0).toString(16).padStart(8, '0')}`;
    expect(bytes.toString('hex')).toBe(
      [
        `000200000003${field('abc')}${int4(70_000)}`,
        `000200000003${field('abc')}${int4(70_000)}`,
        `000200000006${field('é\ufffdx')}${int4(-2)}`,
        `000200000003${field('\ufffd')}${int4(-2)}`,
        `000200000000${int4(1)}`,
      ].join(''),
    );
    expect([...adjusted.entries()].sort()).toEqual([
      ['clamped_int4', 2],
      ['cut_text', 1],
      ['replaced_text', 2],
    ]);
    expect(() => encoded(new CopyBinary(), [1.5], [number], ['int4'], [false, false])).toThrow('column int4 takes whole numbers');
  });

  test('rows far larger than the previous ones', () => {
    const encoder = new CopyBinary();
    for (const size of [1, 1_000_000, 3, 500_000]) {
      const bytes = encoded(
        encoder,
        [Buffer.alloc(size, 7), 'é'.repeat(size)],
        [columns[1], columns[0]],
        ['bytea', 'text'],
        [false, false],
      );
      expect([bytes.length, bytes.readUInt32BE(2), bytes[5 + size], bytes.readUInt32BE(6 + size)]).toEqual([
        2 + 4 + size + 4 + size * 2,
        size,
        7,
        size * 2,
      ]);
    }
  });
});

const [server] = databaseMakers().filter(({ kind }) => kind === 'postgresql');
(server === undefined ? test.skip : test)(
  'whatever is sent in either format comes back from the server (SIPCAP_TEST_POSTGRES)',
  async () => {
    const database = await server.make();
    await database.query(
      'CREATE TABLE sip_capture (id BIGSERIAL, type SMALLINT, proto INTEGER, micro_ts BIGINT, callid TEXT, method VARCHAR(9), msg BYTEA, date TIMESTAMPTZ)',
    );
    const store = await loadStore(database.url);
    const names = ['type', 'proto', 'micro_ts', 'callid', 'method', 'msg', 'date'];
    const row = fc.tuple(
      fc.integer({ min: -32_768, max: 32_767 }),
      fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
      fc.maxSafeInteger(),
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.option(fc.string({ unit: 'grapheme', maxLength: 2 })),
      fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
      fc
        .integer({ min: -62_135_596_800, max: 253_402_300_799 })
        .map((second) => new Date(second * 1000).toISOString().slice(0, 19).replace('T', ' ')),
    );
    let sequence = 0;
    for (const binary of [true, false]) {
      // A column of a type whose bytes we do not know brings the text format.
      if (!binary)
        await database.query(
          "ALTER TABLE sip_capture ADD COLUMN node INET DEFAULT '127.0.0.1', ADD COLUMN ruri NUMERIC NOT NULL DEFAULT 1",
        );
      const sent = binary ? names : [...names, 'ruri'];
      await fc.assert(
        fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 120 }), async (rows) => {
          await database.query('TRUNCATE sip_capture');
          const values = rows.flatMap((one) => (binary ? one : [...one, 3])) as ColumnValue[];
          expect(
            await store.write({
              rows: [{ table: 'sip_capture', columns: sent, values, count: rows.length }],
              streams: [stream(++sequence)],
            }),
          ).toEqual({ outcome: 'stored', refused: [] });
          const found = await database.query(
            `SELECT type, proto, micro_ts::text, callid, method, msg, to_char(date, 'YYYY-MM-DD HH24:MI:SS') AS date FROM sip_capture ORDER BY id`,
          );
          expect(found.map((one) => Object.values(one))).toEqual(
            rows.map(([type, proto, micro, callId, method, msg, date]) => [
              type,
              proto,
              String(micro),
              callId.replaceAll('\0', '\ufffd'),
              method?.replaceAll('\0', '\ufffd') ?? null,
              msg,
              date,
            ]),
          );
        }),
        { seed: 5, numRuns: 25 },
      );
      await store.close();
    }
    await database.drop();
  },
);
