/** Several processes of which one hangs while it starts, all hang, or one hangs during a reload. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, test } from '@jest/globals';
import { hep3, sipMessages } from '../../bench/corpus.mjs';
import { freePort } from '../rigs/free-port.js';
import { closeReceivers, portOf, tcpReceiver } from '../rigs/hep-receivers.js';
import { isAlive, listen, nextProcess, processesOf, sendTcp } from '../rigs/processes.js';
import { serveIn, stop } from '../rigs/serving.js';
import { killAll, start, summary, temporaryFolder, until, type Running } from '../rigs/sipcap.js';

const folder = temporaryFolder();
const packets = (sipMessages(400) as Buffer[]).map((message, i) => hep3(message, i) as Buffer);
const part = (i: number) => Buffer.concat(packets.slice(100 * i, 100 * i + 100));

afterAll(() => {
  killAll();
  closeReceivers();
  folder.remove();
});

async function receiver(): Promise<{ target: string; distinct: () => number }> {
  const port = await freePort();
  const { got } = await tcpReceiver(port);
  return { target: `hep_tcp:127.0.0.1:${port}`, distinct: () => new Set(got.map((packet) => packet.toString('latin1'))).size };
}

const logs = (running: Running, text: string, milliseconds: number) =>
  until(() => running.logged().includes(text), `'${text}' in ${running.logged()}`, milliseconds);

test('one that hangs while it starts again is reported and killed', async () => {
  const { target, distinct } = await receiver();
  const running = await listen(['hep_tcp:127.0.0.1:0', '--processes', '2', '--hep', target]);
  const port = await portOf(running, 'tcp');
  const known = [...processesOf(running).values()];
  process.kill(processesOf(running).get(1)!, 'SIGKILL');
  const successor = await nextProcess(running, known);
  process.kill(successor, 'SIGSTOP');
  await logs(running, 'process 1 has not answered for 30 s while it starts\n', 45_000);
  await Promise.all([0, 1].map((i) => sendTcp(port, part(i), `127.0.2.${i + 1}`)));
  await until(() => distinct() === 200, 'the messages, at the other', 20_000);
  expect(isAlive(successor)).toBe(true);
  await logs(running, 'process 1 has not answered for 60 s while it starts: killed', 45_000);
  await logs(running, 'process 1 runs again', 30_000);
  running.child.kill('SIGTERM');
  const ended = await running.ended;
  expect([ended.code, summary(ended).accounting_errors]).toEqual([0, []]);
  expect(summary(ended).notes).toMatchObject({ process_hung: 1, process_died: 2, process_restarted: 2 });
}, 180_000);

test.each([0, 1])(
  'process %i that hangs at the first start ends the start',
  async (index) => {
    const { target } = await receiver();
    const running = start(['hep', 'listen', 'hep_tcp:127.0.0.1:0', '--processes', '2', '--hep', target]);
    const first = await nextProcess(running, []);
    const hung = index === 0 ? first : await nextProcess(running, [first]);
    process.kill(hung, 'SIGSTOP');
    const ended = await running.ended;
    expect([ended.code, ended.stderr, isAlive(hung)]).toEqual([
      4,
      expect.stringContaining(`process ${index} did not answer for 60 s while it started: killed`),
      false,
    ]);
  },
  120_000,
);

test('all hang: connections wait until one answers again, or was restarted', async () => {
  const { target, distinct } = await receiver();
  const running = await listen(['hep_tcp:127.0.0.1:0', '--processes', '2', '--hep', target]);
  const port = await portOf(running, 'tcp');
  await Promise.all([0, 1].map((i) => sendTcp(port, part(i), `127.0.2.${i + 1}`)));
  await until(() => distinct() === 200, 'the first messages', 20_000);
  // What a process has not reported when it is killed is not counted.
  await sleep(1500);
  const pids = processesOf(running);
  for (const pid of pids.values()) process.kill(pid, 'SIGSTOP');
  for (const index of pids.keys())
    await logs(running, `process ${index} has not answered for 10 s: no process takes connections, new ones wait`, 20_000);
  const waiting = [2, 3].map((i) => sendTcp(port, part(i), `127.0.2.${i - 1}`));
  for (const index of pids.keys()) await logs(running, `process ${index} has not answered for 30 s: killed`, 30_000);
  await Promise.all(waiting);
  await until(() => distinct() === 400, 'what has waited', 20_000);
  for (const index of pids.keys()) await logs(running, `process ${index} runs again`, 20_000);
  // Again, and one of them goes on.
  const again = processesOf(running);
  for (const pid of again.values()) process.kill(pid, 'SIGSTOP');
  const lines = () => running.logged().match(/new ones wait/g)!.length;
  await until(() => lines() === 4, 'both to hang again', 20_000);
  const repeated = [0, 1].map((i) => sendTcp(port, Buffer.from(part(i)), `127.0.4.${i + 1}`));
  process.kill(again.get(0)!, 'SIGCONT');
  await logs(running, 'process 0 answers again', 5000);
  await Promise.all(repeated);
  process.kill(again.get(1)!, 'SIGCONT');
  await logs(running, 'process 1 answers again', 5000);
  running.child.kill('SIGTERM');
  const ended = await running.ended;
  const { accounting_errors, notes, messages } = summary(ended);
  expect([ended.code, accounting_errors, notes, messages.found]).toEqual([
    0,
    [],
    expect.objectContaining({ process_hung: 2, process_died: 2, process_restarted: 2 }),
    600,
  ]);
}, 180_000);

test('a reload while one hangs is refused as soon as that is known', async () => {
  const { target } = await receiver();
  const text = (mode: string) =>
    `socket: ["hep_tcp:127.0.0.1:0"]\nprocesses: 2\nhep_targets: ["${target}"]\nlog: { format: text }\n# ${mode}\n`;
  const running = await serveIn(folder.path, 'node.yaml', text('first'));
  const pid = processesOf(running).get(1)!;
  process.kill(pid, 'SIGSTOP');
  writeFileSync(join(folder.path, 'node.yaml'), text('second'));
  running.child.kill('SIGHUP');
  const refusals = () =>
    running.logged().match(/cannot apply .*: process 1 does not answer: try again once it was restarted/g)?.length ?? 0;
  await until(() => refusals() === 1, `the refusal in ${running.logged()}`, 15_000);
  const began = Date.now();
  running.child.kill('SIGHUP');
  await until(() => refusals() === 2, `another refusal in ${running.logged()}`, 5000);
  expect(Date.now() - began).toBeLessThan(3000);
  process.kill(pid, 'SIGCONT');
  await logs(running, 'process 1 answers again', 5000);
  running.child.kill('SIGHUP');
  await logs(running, 'configuration reloaded', 10_000);
  expect((await stop(running)).code).toBe(0);
}, 90_000);
