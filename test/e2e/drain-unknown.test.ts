/** `db drain` with a row that fails for a reason that no list knows: it is set aside, the others are stored. */
import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import { afterAll, expect, test } from '@jest/globals';
import { hep3, sipMessages } from '../../bench/corpus.mjs';
import { count, query } from '../rigs/database.js';
import { freePort } from '../rigs/free-port.js';
import { portOf, sendUdp } from '../rigs/hep-receivers.js';
import { killAll, sipcap, start, temporaryFolder } from '../rigs/sipcap.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
afterAll(() => {
  killAll();
  folder.remove();
});

test('one row in twenty', async () => {
  const dead = `mysql://root@127.0.0.1:${await freePort()}/x`;
  const listening = start(['hep', 'listen', 'hep_udp:127.0.0.1:0', '--db', dead, '--spool', 'spool', '-c', '20', '-q'], {
    cwd: folder.path,
  });
  const messages = sipMessages(20) as Buffer[];
  await sendUdp(
    await portOf(listening),
    messages.map((message, i) => hep3(message, i) as Buffer),
  );
  expect((await listening.ended).code).toBe(4);
  const db = `sqlite:${at('calls.db')}`;
  expect((await sipcap(['db', 'init', '--db', db])).code).toBe(0);
  // Not a constraint: an error of the statement that the values of one row make.
  const callId = /Call-ID: (\S+)/i.exec(messages[7].toString('latin1'))![1];
  await query(
    at('calls.db'),
    `CREATE TRIGGER odd BEFORE INSERT ON sip_capture WHEN NEW.callid = '${callId}' BEGIN SELECT json_extract('{', '$'); END`,
  );
  const drained = await sipcap(['db', 'drain', '--db', db, '--spool', 'spool', '--quarantine', 'rejected'], { cwd: folder.path });
  const rejected = readFileSync(at('rejected'), 'utf8').trim().split('\n').length;
  expect([drained.code, await count(at('calls.db')), rejected]).toEqual([0, 20 - rejected, expect.any(Number)]);
  expect(rejected).toBeLessThan(20);
}, 90_000);
