/** Rotated capture files imported in any grouping: a message is stored once, over however many files it is spread. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { pcap } from '../rigs/capture-files.js';
import { query } from '../rigs/database.js';
import { ETHER_IPV4, ethernet, tcpPacket } from '../rigs/frames.js';
import { plainRequest } from '../rigs/sip.js';
import { sipcap, summary, temporaryFolder } from '../rigs/sipcap.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
afterAll(() => folder.remove());

const sip = (text: string) => plainRequest('MESSAGE', [`Call-ID: ${text}`, 'Content-Length: 900'], text.padEnd(900, '.'));
const calls = ['one', 'spread', 'two'].map(sip);

/** `a` begins the second message, `b` and `c` continue it, `d` ends it. */
function writeFiles(): void {
  const whole = Buffer.concat(calls);
  const second = calls[0].length;
  const cuts = [0, second + 300, second + 500, second + 700, whole.length];
  ['a', 'b', 'c', 'd'].forEach((name, i) => {
    const packet = tcpPacket({ sequence: 1000 + cuts[i], flags: 'PA' }, whole.subarray(cuts[i], cuts[i + 1]));
    const bytes = ethernet(ETHER_IPV4, packet);
    writeFileSync(at(`${name}.pcap`), pcap({ records: [{ seconds: 1_700_000_000 + i, fraction: 0, bytes }] }));
  });
}

async function run(names: string, database: string) {
  const files = [...names].map((name) => at(`${name}.pcap`));
  const ended = await sipcap(['capture', 'mirror', '-r', ...files, '--db', `sqlite:${at(database)}`, '--summary', 'json']);
  expect([ended.code, summary(ended).accounting_errors]).toEqual([0, []]);
  return summary(ended);
}

/** How often each message is stored whole. */
async function stored(database: string): Promise<number[]> {
  const rows = await query<{ msg: Buffer }>(at(database), 'SELECT msg FROM sip_capture');
  return calls.map((call) => rows.filter(({ msg }) => Buffer.from(msg).equals(call)).length);
}

test('a message across three and four files: found when they are read together, also after pairs; then nothing more', async () => {
  writeFiles();
  for (const names of ['a', 'bc', 'bcd']) await run(names, 'r.db');
  expect((await stored('r.db'))[1]).toBe(0);
  expect((await run('abcd', 'r.db')).messages.delivered).toBeGreaterThan(0);
  expect(await stored('r.db')).toEqual([1, 1, 1]);
  const [{ n }] = await query<{ n: number }>(at('r.db'), 'SELECT count(*) AS n FROM sip_capture');
  for (const names of ['abcd', 'cd', 'a']) expect((await run(names, 'r.db')).messages.delivered).toBe(0);
  expect(await query(at('r.db'), 'SELECT count(*) AS n FROM sip_capture')).toEqual([{ n }]);
}, 120_000);

test('a message whose beginning was stored at the end of a file is counted when it arrives complete', async () => {
  writeFiles();
  const first = await run('a', 'c.db');
  expect([first.messages.delivered, first.notes.cut]).toEqual([2, 1]);
  const both = await run('abcd', 'c.db');
  expect([both.messages.delivered, both.notes.completed_later]).toEqual([2, 1]);
  expect(await stored('c.db')).toEqual([1, 1, 1]);
  expect((await run('abcd', 'c.db')).notes.completed_later).toBeUndefined();
}, 60_000);
