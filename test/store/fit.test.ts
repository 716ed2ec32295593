/** Values are fitted to their columns, identically in all databases, and every change is counted. */
import { describe, expect, test } from '@jest/globals';
import { Counters, type ColumnValue } from '../../src/lib/base/index.js';
import { fitted } from '../../src/lib/store/sql/fit-columns.js';
import { tableColumn, type TableColumn } from '../../src/lib/store/sql/table-column.js';

const NOTE = '\u{1D11E}';
type Limits = Partial<TableColumn> & { kind: TableColumn['kind'] };

describe('fitted', () => {
  test.each<[string, Limits, ColumnValue, ColumnValue, string]>([
    ['text that fits', { kind: 'text', characters: 3 }, 'abc', 'abc', ''],
    ['text too long', { kind: 'text', characters: 3 }, 'abcd', 'abc', 'cut_c'],
    ['characters beyond the BMP count as one', { kind: 'text', characters: 3 }, NOTE.repeat(3), NOTE.repeat(3), ''],
    ['and are never cut apart', { kind: 'text', characters: 2 }, `a${NOTE}${NOTE}`, `a${NOTE}`, 'cut_c'],
    ['text limited in bytes', { kind: 'text', bytes: 5 }, 'aéé€', 'aéé', 'cut_c'],
    ['text that fits in bytes', { kind: 'text', bytes: 8 }, 'aéé€', 'aéé€', ''],
    ['NUL', { kind: 'text' }, 'a\0b', 'a\ufffdb', 'replaced_c'],
    ['NUL where U+FFFD cannot stand', { kind: 'text', highest: 0x7f }, 'a\0b', 'a?b', 'replaced_c'],
    ['beyond the BMP in utf8mb3', { kind: 'text', highest: 0xffff }, `a${NOTE}é`, 'a\ufffdé', 'replaced_c'],
    ['beyond Latin-1', { kind: 'text', highest: 0xff }, 'é€\u0085', 'é??', 'replaced_c'],
    ['beyond ASCII', { kind: 'text', highest: 0x7f }, 'aé', 'a?', 'replaced_c'],
    ['bytes in text', { kind: 'text' }, Buffer.from('aé'), 'aé', ''],
    ['bad bytes in text', { kind: 'text' }, Buffer.from([0x61, 0xff]), 'a\ufffd', 'replaced_c'],
    ['bytes in text that takes them', { kind: 'text', takesBytes: true }, Buffer.from([0xff]), Buffer.from([0xff]), ''],
    ['a number in text', { kind: 'text' }, 7, '7', ''],
    ['bytes too long', { kind: 'bytes', bytes: 2 }, Buffer.from('abc'), Buffer.from('ab'), 'cut_c'],
    ['text in bytes', { kind: 'bytes' }, 'é', Buffer.from('é'), ''],
    ['a number in range', { kind: 'integer', min: 0, max: 255 }, 255, 255, ''],
    ['a number too large', { kind: 'integer', min: 0, max: 255 }, 256, 255, 'clamped_c'],
    ['a number too small', { kind: 'integer', min: 0, max: 255 }, -1, 0, 'clamped_c'],
    [
      'a time too early',
      { kind: 'time', earliest: '1970-01-01 00:00:01', latest: '2038-01-19 03:14:07' },
      '1970-01-01 00:00:00',
      '1970-01-01 00:00:01',
      'clamped_c',
    ],
    [
      'a time too late',
      { kind: 'time', earliest: '1970-01-01 00:00:01', latest: '2038-01-19 03:14:07' },
      '2038-01-19 03:14:08',
      '2038-01-19 03:14:07',
      'clamped_c',
    ],
    ['an address', { kind: 'parsed' }, '127.0.0.1', '127.0.0.1', ''],
    ['no address', { kind: 'parsed' }, '', null, ''],
    ['no address where NULL is not allowed', { kind: 'parsed', nullable: false }, '', '', ''],
    ['NULL', { kind: 'text' }, null, null, ''],
    ['NULL in bytes', { kind: 'bytes' }, null, null, ''],
    ['anything else', { kind: 'other' }, '', '', ''],
  ])('%s', (_caption, limits, value, expected, counted) => {
    const adjusted = new Counters();
    expect(fitted(value, { ...tableColumn('c', limits.kind), ...limits }, adjusted)).toEqual(expected);
    expect(adjusted.toJSON()).toEqual(counted === '' ? {} : { [counted]: 1 });
  });
});
