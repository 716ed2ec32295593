/** Rows of ClickHouse in its binary form: any bytes, cut anywhere, and errors in the middle of a result. */
import { describe, expect, test } from '@jest/globals';
import { binaryRows, marked } from '../../src/lib/store/clickhouse/binary-rows.js';

const COLUMNS = [
  { name: 'micro_ts', type: 'Int64' },
  { name: 'stream', type: 'UInt64' },
  { name: 'small', type: 'Nullable(Int8)' },
  { name: 'port', type: 'UInt16' },
  { name: 'node', type: 'LowCardinality(Nullable(String))' },
  { name: 'callid', type: 'String' },
  { name: 'msg', type: 'String' },
];
const every = Buffer.from(Array.from({ length: 256 }, (_, i) => i));

function text(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value as string);
  const size = bytes.length < 128 ? [bytes.length] : [(bytes.length & 127) | 128, bytes.length >> 7];
  return Buffer.concat([Buffer.from(size), bytes]);
}

function row(micros: bigint, stream: bigint, small: number | null, port: number, node: string | null, callId: string, msg: Buffer): Buffer {
  const numbers = Buffer.alloc(16);
  numbers.writeBigInt64LE(micros, 0);
  numbers.writeBigUInt64LE(stream, 8);
  const ports = Buffer.alloc(2);
  ports.writeUInt16LE(port);
  const smalls = small === null ? Buffer.from([1]) : Buffer.from([0, small & 255]);
  const nodes = node === null ? Buffer.from([1]) : Buffer.concat([Buffer.from([0]), text(node)]);
  return Buffer.concat([Buffer.from([255]), numbers, smalls, ports, nodes, text(callId), text(msg)]);
}

const RESULT = Buffer.concat([
  row(1_700_000_000_123_456n, 18_446_744_073_709_551_615n, -5, 5060, 'Ü', "it's\t1", every),
  row(-9_007_199_254_740_993n, 9_007_199_254_740_991n, null, 65_535, null, '', Buffer.alloc(0)),
  row(0n, 18_446_744_073_709_551_615n, 127, 0, '', 'x'.repeat(300), Buffer.from('ÿ')),
]);
const ROWS = [
  { micro_ts: 1_700_000_000_123_456, stream: 18_446_744_073_709_551_615n, small: -5, port: 5060, node: 'Ü', callid: "it's\t1", msg: every },
  {
    micro_ts: -9_007_199_254_740_993n,
    stream: 9_007_199_254_740_991,
    small: null,
    port: 65_535,
    node: null,
    callid: '',
    msg: Buffer.alloc(0),
  },
  { micro_ts: 0, stream: 18_446_744_073_709_551_615n, small: 127, port: 0, node: '', callid: 'x'.repeat(300), msg: Buffer.from('ÿ') },
];

describe('a result', () => {
  test('is the same however it is cut', () => {
    for (let cut = 0; cut <= RESULT.length; cut++) {
      const decoder = binaryRows(COLUMNS)!;
      const rows = [...decoder.rows(RESULT.subarray(0, cut)), ...decoder.rows(RESULT.subarray(cut))];
      decoder.end();
      expect(rows).toEqual(ROWS);
    }
  });

  test('and byte by byte', () => {
    const decoder = binaryRows(COLUMNS)!;
    expect([...RESULT].flatMap((byte) => decoder.rows(Buffer.from([byte])))).toEqual(ROWS);
    decoder.end();
  });

  test('that ends in a row is not complete', () => {
    const decoder = binaryRows(COLUMNS)!;
    decoder.rows(RESULT.subarray(0, RESULT.length - 1));
    expect(() => decoder.end()).toThrow('incomplete response of the server');
  });

  test.each([
    ['Code: 241, e.displayText() = DB::Exception: Memory limit exceeded, e.what() = DB::Exception', 'Memory limit exceeded'],
    ['Code: 241. DB::Exception: Memory limit exceeded (version 24.8.4)\n', 'Memory limit exceeded'],
    ['\r\n__exception__\r\nCode: 241. DB::Exception: Memory limit exceeded (version 26.7.1)\n', 'Memory limit exceeded'],
    ['something else', 'unexpected response of the server: something else'],
  ])('may end in an error: %j', (error, reason) => {
    const result = Buffer.concat([RESULT, Buffer.from(error)]);
    for (const cut of [RESULT.length - 5, RESULT.length, RESULT.length + 3, result.length]) {
      const decoder = binaryRows(COLUMNS)!;
      expect([...decoder.rows(result.subarray(0, cut)), ...decoder.rows(result.subarray(cut))]).toEqual(ROWS);
      expect(() => decoder.end()).toThrow(reason);
    }
  });
});

test.each(['Float64', 'DateTime', "Enum8('a' = 1)", 'FixedString(4)', 'Array(String)', ''])('%s is read as text', (type) => {
  expect(binaryRows([...COLUMNS, { name: 'other', type }])).toBeNull();
});

test('texts that repeat are compared in full', () => {
  const values = Array.from({ length: 3000 }, (_, i) => `10.0.${i % 7}.${i % 300}`);
  const decoder = binaryRows([{ name: 'source_ip', type: 'String' }])!;
  const rows = decoder.rows(Buffer.concat(values.map((value) => Buffer.concat([Buffer.from([255]), text(value)]))));
  expect(rows).toEqual(values.map((source_ip) => ({ source_ip })));
});

test('each row is marked', () => {
  expect(marked('SELECT a FROM t')).toBe('SELECT 255 AS row_mark, a FROM t');
});
