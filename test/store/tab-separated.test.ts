/** Rows of ClickHouse: any bytes, cut anywhere, and errors in the middle of a result. */
import { describe, expect, test } from '@jest/globals';
import { TabSeparatedDecoder } from '../../src/lib/store/clickhouse/tab-separated.js';

const NAMES = ['micro_ts', 'stream', 'small', 'share', 'callid', 'note', 'msg'];
const TYPES = ['Int64', 'UInt64', 'Nullable(Int8)', 'Float64', 'String', 'LowCardinality(Nullable(String))', 'String'];
const HEAD = `${NAMES.join('\t')}\n${TYPES.join('\t')}\n`;
const every = Buffer.from(Array.from({ length: 256 }, (_, i) => i));

/** As the server escapes. */
function escaped(bytes: Buffer): Buffer {
  const letters: Record<number, string> = { 8: 'b', 12: 'f', 13: 'r', 10: 'n', 9: 't', 0: '0', 92: '\\', 39: "'" };
  return Buffer.concat([...bytes].map((byte) => Buffer.from(letters[byte] === undefined ? [byte] : `\\${letters[byte]}`)));
}

const RESULT = Buffer.concat([
  Buffer.from(HEAD),
  Buffer.from("1700000000123456\t18446744073709551615\t-5\t0.25\tit\\'s\\t1\tÜ\t"),
  escaped(every),
  Buffer.from('\n-9007199254740993\t9007199254740991\t\\N\t-3\t\t\\N\t\n'),
]);
const ROWS = [
  {
    micro_ts: 1_700_000_000_123_456,
    stream: '18446744073709551615',
    small: -5,
    share: 0.25,
    callid: "it's\t1",
    note: 'Ü',
    msg: every,
  },
  {
    micro_ts: '-9007199254740993',
    stream: 9_007_199_254_740_991,
    small: null,
    share: -3,
    callid: '',
    note: null,
    msg: Buffer.alloc(0),
  },
];

describe('a result', () => {
  test('is the same however it is cut', () => {
    for (let cut = 0; cut <= RESULT.length; cut++) {
      const decoder = new TabSeparatedDecoder();
      const rows = [...decoder.rows(RESULT.subarray(0, cut)), ...decoder.rows(RESULT.subarray(cut))];
      decoder.end();
      expect(rows).toEqual(ROWS);
    }
  });

  test('messages do not change when the chunk is reused, nor one another', () => {
    const long = Buffer.alloc(100_000, 'x\\');
    const chunk = Buffer.concat([
      Buffer.from('msg\nString\n'),
      ...[every, long, every].flatMap((msg) => [escaped(msg), Buffer.from('\n')]),
    ]);
    const rows = new TabSeparatedDecoder().rows(chunk);
    chunk.fill(0);
    expect(rows.map(({ msg }) => msg)).toEqual([every, long, every]);
  });

  test.each([
    ['before the first row', ''],
    ['after a row', 'a\tb\n'],
  ])('an error %s is thrown', (_, rows) => {
    const error = 'Code: 241, e.displayText() = DB::Exception: Memory limit exceeded, e.what() = DB::Exception';
    for (const end of ['\n', '']) {
      const decoder = new TabSeparatedDecoder();
      expect(() => {
        decoder.rows(Buffer.from(`${rows === '' ? '' : `x\ty\nString\tString\n${rows}`}${error}${end}`));
        decoder.end();
      }).toThrow('Memory limit exceeded');
    }
  });

  test('one that ends within a row is incomplete', () => {
    const decoder = new TabSeparatedDecoder();
    decoder.rows(RESULT.subarray(0, RESULT.length - 1));
    expect(() => decoder.end()).toThrow('incomplete response of the server');
  });
});
