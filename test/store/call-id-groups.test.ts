/** Call-IDs in groups of a query each: all of them once, in order, none empty. */
import { expect, test } from '@jest/globals';
import { filled } from '../../src/lib/store/clickhouse/literals.js';
import { callIdGroups } from '../../src/lib/store/read/call-id-groups.js';

test.each([0, 1, 499, 500, 501, 9999])('%d of them', (count) => {
  const callIds = Array.from({ length: count }, (_, i) => `${i}`.padStart(1 + (i % 90), 'x'));
  for (const byLength of [false, true]) {
    const groups = [...callIdGroups(callIds, byLength)];
    expect(groups.flat()).toEqual(callIds);
    for (const group of groups) {
      expect(group.length).toBeGreaterThan(0);
      if (byLength) expect(group.join("','").length).toBeLessThan(250_000);
      else expect(group.length).toBeLessThanOrEqual(500);
    }
  }
});

test('one that is longer than a group is alone', () => {
  const long = 'x'.repeat(200_000);
  expect([...callIdGroups(['a', long, 'b'], true)]).toEqual([['a'], [long], ['b']]);
});

test('a statement is short enough for a server, however they are written', () => {
  for (const letter of ['a', "'", '\\']) {
    for (const length of [1, 30, 128, 129, 1000]) {
      const callIds = Array.from({ length: 2000 }, (_, i) => `${letter.repeat(length)}${i}`);
      for (const group of callIdGroups(callIds, true)) {
        // As they are, and as they were cut to 180 characters.
        const both = new Set(group.flatMap((callId) => [callId, callId.slice(0, 180)]));
        expect(filled(`IN (${[...both].map(() => '?').join(',')})`, [...both]).length).toBeLessThan(250_000);
      }
    }
  }
});
