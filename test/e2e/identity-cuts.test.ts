/** A relay whose connection is cut under traffic: every message is stored, and stored once. Kills: identity-kills.long.test.ts. */
import { afterAll, expect, test } from '@jest/globals';
import { databaseMakers } from '../rigs/databases.js';
import { every, relayed } from '../rigs/relay-traffic.js';
import { killAll } from '../rigs/sipcap.js';

const MESSAGES = 500;

afterAll(killAll);

test('connection cut four times: nothing lost, nothing doubled', async () => {
  const database = await databaseMakers()[0].make();
  const { rows, messages, repeated } = await relayed({
    database,
    messages: MESSAGES,
    disturb: ({ proxy, sent }) => every(100, MESSAGES, sent, () => proxy.cut()),
  });
  await database.drop();
  expect({ rows, messages }).toEqual({ rows: MESSAGES, messages: MESSAGES });
  expect(repeated).toBeGreaterThan(0);
}, 60_000);
