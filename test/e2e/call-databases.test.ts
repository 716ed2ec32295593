/** Three real captures in every kind of database: the same calls, the same messages. */
import { afterAll, describe, expect, test } from '@jest/globals';
import { allDatabases, expectSameAnswers, sharedCaptures } from '../rigs/same-answers.js';
import { killAll } from '../rigs/sipcap.js';

const captures = sharedCaptures(/^sip-(?:udp-b2bua-asterisk|tcp-retrans-sll|udp-488)\.pcap/);

afterAll(() => killAll());

(captures.length === 3 ? describe : describe.skip)('call list and call show', () => {
  test('answer alike from every database', async () => {
    const databases = await allDatabases();
    try {
      expect(await expectSameAnswers(databases, 'sip_capture', captures)).toBeGreaterThan(5);
    } finally {
      for (const database of databases) await database.drop();
    }
  }, 300_000);
});
