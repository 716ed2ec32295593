/** Columns of texts on a terminal, and cuts at whole characters. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { charactersOf, columnsOf, cutTo, isPrintableAscii } from '../../src/lib/base/index.js';

test.each([
  ['', 0],
  ['INVITE (sdp)', 12],
  ['Grüße → …', 9],
  ['山田太郎', 8],
  ['ﾃｽﾄ', 3],
  ['ＡＢ', 4],
  ['e\u0301e\u0301', 2],
  ['שָׁלוֹם', 4],
  ['ก็', 1],
  ['a\u200bb', 2],
  ['😀', 2],
  // Newer than the library's table.
  ['\u{1fae0}', 2],
  ['👩‍👧', 4],
  ['🇩🇪', 2],
  ['│──▶◆', 5],
  ['x'.repeat(100), 100],
  ['長'.repeat(100), 200],
])('%s', (text, columns) => {
  expect(columnsOf(text)).toBe(columns);
});

test('a text is cut after a whole character, and never wider', () => {
  expect(['abcdef', '山田太郎', 'a山田太郎', '😀😀😀', 'e\u0301e\u0301e\u0301e\u0301', '👩‍👧👩‍👧'].map((text) => cutTo(text, 4))).toEqual([
    'abc…',
    '山…',
    'a山…',
    '😀…',
    'e\u0301e\u0301e\u0301e\u0301',
    '…',
  ]);
  expect([0, 1, 2].map((columns) => cutTo('長い', columns, '~'))).toEqual(['', '~', '~']);
  expect([cutTo('abc', 0), cutTo('abc', -1), cutTo('', 0), cutTo('長い', Infinity)]).toEqual(['', '', '', '長い']);
});

test('the characters are the text, and their columns its columns', () => {
  const text = fc.string({
    unit: fc.oneof(fc.constantFrom('a', '長', 'é', 'e\u0301', '😀', '🇩🇪', '👩‍👧', '…', 'ก็'), fc.string({ unit: 'binary' })),
  });
  fc.assert(
    fc.property(text, fc.integer({ min: 0, max: 40 }), (text, columns) => {
      const characters = [...charactersOf(text)];
      expect(characters.join('')).toBe(text);
      const cut = cutTo(text, columns);
      expect(cut === text || columnsOf(cut) <= columns).toBe(true);
      expect(isPrintableAscii(text)).toBe(!/[^\x20-\x7e]/.test(text));
    }),
  );
});
