/** A node that is watched: inputs and outputs as metrics, /readyz, warnings of silence, alert rules, OpenSIPS' statistics. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { hep3, sipMessages } from '../../bench/corpus.mjs';
import { freePort } from '../rigs/free-port.js';
import { closeReceivers, sendUdp, tcpReceiver } from '../rigs/hep-receivers.js';
import { serveIn, stop } from '../rigs/serving.js';
import { killAll, root, sipcap, start, temporaryFolder, until } from '../rigs/sipcap.js';
import { missing } from '../rigs/system-package.js';

const folder = temporaryFolder();
afterAll(() => {
  killAll();
  closeReceivers();
  folder.remove();
});

const RULES = join(root, 'samples/prometheus-alerts.yaml');
const messages = (sipMessages(300) as Buffer[]).slice(0, 40);
const packets = messages.map((message, i) => hep3(message, i) as Buffer);
const isReply = (message: Buffer) => message.subarray(0, 8).toString('latin1') === 'SIP/2.0 ';

test('an input that is silent, an output that is away and comes, and what OpenSIPS counts', async () => {
  const [hep, target, http] = [await freePort(), await freePort(), await freePort()];
  const get = async (path: string) => {
    const reply = await fetch(`http://127.0.0.1:${http}${path}`);
    return `${reply.status} ${await reply.text()}`;
  };
  const metric = async (name: string) => Number(new RegExp(`^${name}\\{.*\\} (\\S+)$`, 'm').exec(await get('/metrics'))?.[1]);
  const running = await serveIn(
    folder.path,
    'watch.yaml',
    `socket: [hep_udp:127.0.0.1:${hep}]\ndb_url: sqlite:watch.db\nhep_targets: [hep_tcp:127.0.0.1:${target}]\nspool: {directory: spool}
metrics: {listen: "127.0.0.1:${http}"}\nmi: {fifo: fifo}\nsilent_after: 2s\n`,
  );
  await until(async () => (await get('/readyz')).startsWith('503 '), 'the target to be missed');
  expect(await get('/readyz')).toMatch(new RegExp(`^503 output hep_tcp:127.0.0.1:${target}: .*\n$`));
  expect(await get('/metrics')).toContain(`\nsipcap_output_up{output="hep_tcp:127.0.0.1:${target}"} 0\n`);
  const silent = new RegExp(`hep_udp:127\\.0\\.0\\.1:${hep}: no packets for \\d+ s`);
  await until(() => silent.test(running.logged()), 'the warning');
  expect([await metric('sipcap_input_up'), await metric('sipcap_input_silent')]).toEqual([1, 1]);
  expect(await metric('sipcap_input_last_packet_timestamp_seconds')).toBe(0);
  const before = Date.now() / 1000;
  await tcpReceiver(target);
  await sendUdp(hep, packets);
  await until(async () => (await metric('sipcap_input_last_packet_timestamp_seconds')) > 0, 'packets to be seen');
  expect(Math.abs((await metric('sipcap_input_last_packet_timestamp_seconds')) - before)).toBeLessThan(30);
  await until(() => running.logged().includes(': receiving packets again after'), 'the end of the silence');
  await until(async () => (await get('/readyz')) === '200 ok\n', 'the target to be there', 30_000);
  expect(await get('/metrics')).toContain(`\nsipcap_output_up{output="hep_tcp:127.0.0.1:${target}"} 1\n`);
  const replies = messages.filter(isReply).length;
  for (const command of ['get_statistics', 'statistics:get']) {
    const { stdout } = await sipcap(['mi', command, 'sipcapture:', '--fifo', 'fifo'], { cwd: folder.path });
    expect(stdout).toContain(`sipcapture:captured_requests: ${packets.length - replies}\n`);
    expect(stdout).toContain(`sipcapture:captured_replies: ${replies}\n`);
  }
  expect(replies).toBeGreaterThan(0);
  // Every alert asks for numbers that are there.
  const text = await get('/metrics');
  const known = new Set([...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name));
  const asked = [...readFileSync(RULES, 'utf8').matchAll(/expr: .*/g)].flatMap(([expr]) => expr.match(/sipcap_\w+/g) ?? []);
  // What counts by reason or table is there once there is one.
  expect(asked.filter((name) => !known.has(name) && !['sipcap_dropped_total', 'sipcap_table_failing'].includes(name))).toEqual([]);
  expect(asked).toContain('sipcap_table_failing');
  expect(asked.length).toBeGreaterThan(10);
  expect((await stop(running)).code).toBe(0);
});

test('--silent-after of a listener', async () => {
  const running = start(['hep', 'listen', 'hep_udp:127.0.0.1:0', '--silent-after', '1s', '--summary', 'none']);
  await until(() => /hep_udp:127\.0\.0\.1:\d+: no packets for \d+ s\n/.test(running.logged()), `the warning: ${running.logged()}`);
  running.child.kill('SIGTERM');
  expect((await running.ended).code).toBe(0);
});

test('promtool accepts the alert rules', () => {
  const why = missing('promtool', 'prometheus');
  if (why !== '') return console.warn(`skipped: ${why}`);
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'rules', RULES], { encoding: 'utf8' });
  expect([status, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/SUCCESS: \d+ rules found/);
});
