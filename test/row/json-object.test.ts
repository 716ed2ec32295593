/** JSON objects from members: what they parse to, for any values. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Counters, type Message } from '../../src/lib/base/index.js';
import { integer, text, type RowContext } from '../../src/lib/row/column.js';
import { jsonWriter } from '../../src/lib/row/json-object.js';

interface Fields {
  first: string;
  second: string;
  count: number;
}

const WIDTH = 12;
const write = jsonWriter<Fields>([
  text('first', WIDTH, (_, { first }) => first),
  integer('count', (_, { count }) => count),
  text('x-Second_2', WIDTH, (_, { second }) => second),
]);
const written = (fields: Fields) => write({} as Message, fields, { cuts: new Counters() } as RowContext);

test('plain, quoted, with control and other characters, cut: always the same object', () => {
  const chars = fc.constantFrom('a', '"', '\\', '\n', '\u0001', '\u007f', 'é', '😀', '漢');
  const any = fc.oneof(
    fc.string({ maxLength: 30 }),
    fc.array(chars, { maxLength: 30 }).map((list) => list.join('')),
  );
  fc.assert(
    fc.property(any, any, fc.integer(), (first, second, count) => {
      const cut = (value: string) => [...value].slice(0, WIDTH).join('');
      expect(JSON.parse(written({ first, second, count }))).toEqual({ first: cut(first), count, 'x-Second_2': cut(second) });
    }),
  );
});

test('what the database refuses even escaped is replaced', () => {
  expect(written({ first: 'a\0', second: '\ud800', count: 1 })).toBe('{"first":"a\ufffd","count":1,"x-Second_2":"\ufffd"}');
});

test('the longest values fit', () => {
  const first = '"'.repeat(WIDTH);
  expect(JSON.parse(written({ first, second: first, count: -Number.MAX_SAFE_INTEGER }))).toMatchObject({ first, 'x-Second_2': first });
});
