/** How a run ends: repeated signals, and the permissions of its files. */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { hep3, sipMessages } from '../../bench/corpus.mjs';
import { count } from '../rigs/database.js';
import { killAll, root, start, summary, temporaryFolder, until } from '../rigs/sipcap.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
const packets = (sipMessages(500) as Buffer[]).map((message, i) => hep3(message, i) as Buffer);

afterAll(() => {
  killAll();
  folder.remove();
});

test('SIGTERM twice within a second, as GNU timeout sends it, loses neither rows nor the summary', async () => {
  const running = start(['hep', 'listen', 'hep_tcp:127.0.0.1:0', '--db', `sqlite:${at('twice.db')}`, '--summary', 'json']);
  const words = /listening on hep_tcp:\S*?:(\d+)/;
  await until(() => words.test(running.logged()), 'the listener', 30_000);
  const socket = connect(Number(words.exec(running.logged())![1]), '127.0.0.1');
  socket.resume().end(Buffer.concat(packets));
  await once(socket, 'close');
  running.child.kill('SIGTERM');
  running.child.kill('SIGTERM');
  // And whenever it comes while the process ends, to the last moment.
  const again = setInterval(() => running.child.kill('SIGTERM'), 1);
  const ended = await running.ended;
  clearInterval(again);
  expect([ended.code, summary(ended).sinks[0].written, await count(at('twice.db'))]).toEqual([0, 500, 500]);
}, 60_000);

test('whatever the umask, new databases, capture files (also compressed) and spools are not world-readable', () => {
  const folders = at('modes');
  mkdirSync(folders);
  const sipcap = `${process.execPath} ${join(root, 'bin/run.js')}`;
  const ran = spawnSync(
    'sh',
    [
      '-c',
      `umask 0; ${sipcap} capture mirror -r ${join(root, 'samples/sample.pcap')} --db sqlite:calls.db -w out.pcap &&
       ${sipcap} capture mirror -r ${join(root, 'samples/sample.pcap')} -w ring.pcap -C 1 --compress &&
       ${sipcap} hep listen hep_udp:127.0.0.1:0 --db sqlite:heard.db --spool spool --duration 1s`,
    ],
    { cwd: folders, encoding: 'utf8' },
  );
  expect([ran.status, ran.stderr]).toEqual([0, expect.any(String)]);
  const open = readdirSync(folders, { recursive: true, encoding: 'utf8' }).filter((name) => {
    const status = statSync(join(folders, name));
    return (status.mode & (status.isDirectory() ? 0o027 : 0o137)) !== 0;
  });
  expect(open).toEqual([]);
  expect(readdirSync(folders).filter((name) => name.endsWith('.gz')).length).toBeGreaterThan(0);
}, 60_000);

test('times beyond the longest timer of Node (24.8 days) do not end the run at once', async () => {
  const db = `sqlite:${at('long.db')}`;
  const running = start(['hep', 'listen', 'hep_tcp:127.0.0.1:0', '--db', db, '--duration', '30d', '--drain-deadline', '30d', '-c', '500']);
  const words = /listening on hep_tcp:\S*?:(\d+)/;
  await until(() => words.test(running.logged()), 'the listener', 30_000);
  const socket = connect(Number(words.exec(running.logged())![1]), '127.0.0.1');
  socket.resume().end(Buffer.concat(packets));
  const ended = await running.ended;
  expect([ended.code, await count(at('long.db'))]).toEqual([0, 500]);
  expect(ended.stderr).not.toContain('TimeoutOverflowWarning');
}, 60_000);
