/** SIGKILL at random moments of an import whose rows are partly rejected: each message is in the database or in the quarantine. */
import { afterAll, expect, test } from '@jest/globals';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pcapFile, sipMessages } from '../../bench/corpus.mjs';
import { sqliteQuery } from '../rigs/databases.js';
import { seeded } from '../rigs/random.js';
import { killAll, sipcap, start, temporaryFolder } from '../rigs/sipcap.js';

const MESSAGES = 6000;
const KILLS = 5;
const SEED = 3;
const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
afterAll(() => {
  killAll();
  folder.remove();
});

test('nothing is missing, and no rejected row is stored', async () => {
  const numbered = (sipMessages(MESSAGES) as Buffer[]).map((message, i) =>
    Buffer.from(message.toString('latin1').replace('\r\n', `\r\nX-Number: ${i}\r\n${i % 10 === 7 ? 'X-Reject: yes\r\n' : ''}`), 'latin1'),
  );
  writeFileSync(at('messages.pcap'), pcapFile(numbered) as Buffer);
  const args = ['capture', 'mirror', '-r', 'messages.pcap', '--db', 'sqlite:test.db', '--batch-rows', '50'];
  await sipcap(['db', 'init', '--db', 'sqlite:test.db'], { cwd: folder.path });
  await sqliteQuery(
    at('test.db'),
    "CREATE TRIGGER no BEFORE INSERT ON sip_capture WHEN NEW.msg LIKE '%X-Reject%' BEGIN SELECT RAISE(ABORT, 'not yet'); END",
  );
  const next = seeded(SEED);
  for (let i = 0; i < KILLS; i++) {
    const running = start(args, { cwd: folder.path });
    await sleep(200 + next() * 900);
    running.child.kill('SIGKILL');
    await running.ended;
  }
  expect(await sipcap(args, { cwd: folder.path })).toMatchObject({ code: 0 });
  const numberOf = (text: string) => Number(/X-Number: (\d+)/.exec(text)![1]);
  const stored = (await sqliteQuery(at('test.db'), 'SELECT msg FROM sip_capture')).map(({ msg }) => numberOf(String(msg)));
  const file = at('sipcap-quarantine.ndjson');
  const quarantined = existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : [];
  const rejected = new Set(
    quarantined.map((line) =>
      numberOf(Buffer.from((JSON.parse(line) as { row: { msg: { base64: string } } }).row.msg.base64, 'base64').toString()),
    ),
  );
  expect([stored.length, new Set(stored).size, rejected.size]).toEqual([MESSAGES * 0.9, MESSAGES * 0.9, MESSAGES * 0.1]);
  expect([...rejected].filter((number) => number % 10 !== 7)).toEqual([]);
}, 120_000);

test('if rejected rows cannot be kept nothing is stored, and the next run stores everything', async () => {
  const run = (quarantine: string, ...more: string[]) =>
    sipcap(
      [
        'capture',
        'mirror',
        '-r',
        'messages.pcap',
        '-c',
        '100',
        '--db',
        'sqlite:test.db',
        '--table',
        'kept',
        '--quarantine',
        quarantine,
        ...more,
      ],
      {
        cwd: folder.path,
      },
    );
  expect(await run('missing/q')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('cannot write missing/q: no folder') as unknown,
  });
  await sipcap(['db', 'init', '--db', 'sqlite:test.db', '--table', 'kept'], { cwd: folder.path });
  await sqliteQuery(
    at('test.db'),
    "CREATE TRIGGER kept_no BEFORE INSERT ON kept WHEN NEW.msg LIKE '%X-Reject%' BEGIN SELECT RAISE(ABORT, 'not yet'); END",
  );
  const rows = async () => (await sqliteQuery(at('test.db'), 'SELECT count(*) AS n FROM kept'))[0].n;
  // /dev/full takes nothing, as a full disk does.
  const full = await run('/dev/full');
  expect([full.code, await rows()]).toEqual([4, 0]);
  expect(full.stderr).toContain('cannot write rejected row to /dev/full: ENOSPC');
  expect((await run('q')).code).toBe(0);
  expect([await rows(), readFileSync(at('q'), 'utf8').split('\n').length - 1]).toEqual([90, 10]);
}, 120_000);
