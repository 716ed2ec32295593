/** Responses of ClickHouse that are not what was asked for are errors with a text, never an exception of our own. */
import { describe, expect, test } from '@jest/globals';
import { ClickhouseError, errorOfText } from '../../src/lib/store/clickhouse/faults.js';
import { TabSeparatedDecoder } from '../../src/lib/store/clickhouse/tab-separated.js';

function failure(text: string): unknown {
  const decoder = new TabSeparatedDecoder();
  try {
    decoder.rows(Buffer.from(text));
    decoder.end();
  } catch (error) {
    return error;
  }
  return null;
}

describe('a response of ClickHouse', () => {
  test.each([
    ['with fewer types than names', 'id\tmsg\nUInt64\n1\tx\n', 'unexpected response of the server: UInt64'],
    ['with more types than names', 'id\nUInt64\tString\n1\n', 'unexpected response of the server: UInt64\tString'],
    ['with an error in place of the types', 'id\tmsg\nCode: 241, e.displayText() = DB::Exception: Memory limit\n', 'Memory limit'],
    ['with fewer fields than names', 'id\tmsg\nUInt64\tString\n1\n', 'unexpected response of the server: 1'],
  ])('%s', (_what, text, message) => {
    const error = failure(text);
    expect(error).toBeInstanceOf(ClickhouseError);
    expect((error as Error).message).toBe(message);
  });

  test('an error without a text has its number', () => {
    expect(errorOfText('Code: 60, e.displayText() = DB::Exception: , e.what() = DB::Exception')?.message).toBe('error 60 of ClickHouse');
  });
});
