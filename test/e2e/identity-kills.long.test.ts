/** A relay with identity whose connection is cut, and whose target is killed, under traffic: each message stored, and stored once. */
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { databaseMakers, type TestDatabase } from '../rigs/databases.js';
import { every, relayed, type RelayRig } from '../rigs/relay-traffic.js';
import { killAll, temporaryFolder } from '../rigs/sipcap.js';

const MESSAGES = 3000;
const folder = temporaryFolder();

afterAll(() => {
  killAll();
  folder.remove();
});

const cuts = ({ proxy, sent }: RelayRig) => every(300, MESSAGES, sent, () => proxy.cut());
const kills = ({ restart, sent }: RelayRig) => every(700, MESSAGES, sent, restart);
const ALL = { rows: MESSAGES, messages: MESSAGES };

describe.each(databaseMakers())('$kind', ({ kind, make }) => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await make();
  });
  afterEach(() => database.drop());

  test('connection cut nine times', async () => {
    const { repeated, ...stored } = await relayed({ database, messages: MESSAGES, disturb: cuts });
    expect(stored).toEqual(ALL);
    expect(repeated).toBeGreaterThan(0);
  }, 180_000);

  test('listener killed four times: what it had taken and not stored is repeated, what it had stored is not stored again', async () => {
    const { rows, messages } = await relayed({ database, messages: MESSAGES, disturb: kills });
    expect({ rows, messages }).toEqual(ALL);
  }, 180_000);

  test('listener with a spool killed four times', async () => {
    const listener = ['--spool', join(folder.path, kind), '--batch-rows', '50'];
    const { rows, messages } = await relayed({ database, messages: MESSAGES, listener, disturb: kills });
    expect({ rows, messages }).toEqual(ALL);
  }, 180_000);

  test('repeats that are accepted are stored', async () => {
    const { rows, messages } = await relayed({ database, messages: MESSAGES, listener: ['--accept-repeats'], disturb: cuts });
    expect(messages).toBe(MESSAGES);
    expect(rows).toBeGreaterThan(MESSAGES);
  }, 180_000);
});
