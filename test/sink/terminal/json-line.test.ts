/** An object written member by member reads as written by JSON.stringify, and contains no terminal control characters. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { JsonLine, memberName, quoted } from '../../../src/lib/sink/terminal/json-line.js';

// eslint-disable-next-line no-control-regex
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;
const anyValue = fc.oneof(fc.string({ unit: 'binary' }), fc.string(), fc.double(), fc.integer(), fc.array(fc.string()), fc.constant(null));

test('parses to the members that were added', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.stringMatching(/^[a-z_]{1,10}$/), anyValue), (object) => {
      const line = new JsonLine();
      for (const [name, value] of Object.entries(object)) line.member(name, value);
      const text = Buffer.from(line.end(), 'latin1').toString();
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(object)));
      expect(text).not.toMatch(UNSAFE);
    }),
    { seed: 1, numRuns: 2000 },
  );
});

test('members with prepared names, after the first ones, are the same', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.dictionary(fc.stringMatching(/^[b-z_]{1,10}$/), anyValue), (first, object) => {
      const [line, usual] = [new JsonLine(), new JsonLine()];
      line.begin(`"a":${quoted(first)}`);
      usual.member('a', first);
      for (const [name, value] of Object.entries(object)) {
        line.next(memberName(name), value);
        usual.member(name, value);
      }
      expect(line.end()).toBe(usual.end());
    }),
    { seed: 2, numRuns: 2000 },
  );
});

test('starts a new line after the end', () => {
  const line = new JsonLine();
  expect(line.end()).toBe('{}');
  line.text('a', 'x"\u001b');
  line.number('b', NaN);
  expect(line.end()).toBe('{"a":"x\\"\\u001b","b":null}');
  line.number('c', 1);
  expect(line.end()).toBe('{"c":1}');
});
