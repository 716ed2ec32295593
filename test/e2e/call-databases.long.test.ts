/** Every shared capture in every kind of database: the same calls, the same messages. */
import { afterAll, describe, expect, test } from '@jest/globals';
import { allDatabases, expectSameAnswers, sharedCaptures } from '../rigs/same-answers.js';
import { killAll } from '../rigs/sipcap.js';

const captures = sharedCaptures(/\.pcap(?:ng)?$/);

afterAll(() => killAll());

(captures.length > 0 ? describe : describe.skip)('call list and call show', () => {
  test('answer alike from every database', async () => {
    const databases = await allDatabases();
    let calls = 0;
    try {
      for (const [i, path] of captures.entries()) calls += await expectSameAnswers(databases, `c${i}`, [path]);
    } finally {
      for (const database of databases) await database.drop();
    }
    console.log(`${captures.length} captures, ${calls} calls, ${databases.map(({ kind }) => kind).join(', ')}`);
    expect(calls).toBeGreaterThan(100);
  }, 3_600_000);
});
