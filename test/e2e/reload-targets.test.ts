/** Targets that reloads keep, take over, remove and bring back under continuous traffic: each packet reaches each target once. */
import { createSocket } from 'node:dgram';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, test } from '@jest/globals';
import { hep3, sipMessages } from '../../bench/corpus.mjs';
import { count } from '../rigs/database.js';
import { freePort } from '../rigs/free-port.js';
import { closeReceivers, tcpReceiver, udpReceiver } from '../rigs/hep-receivers.js';
import { serveIn, stop } from '../rigs/serving.js';
import { killAll, sipcap, temporaryFolder, until } from '../rigs/sipcap.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
afterAll(() => {
  killAll();
  closeReceivers();
  folder.remove();
});

/** Numbered packets until told to stop; `sent` is how many there were. */
function traffic(port: number) {
  const socket = createSocket('udp4');
  const message = (sipMessages(1) as Buffer[])[0].toString('latin1');
  const state = { sent: 0, isStopped: false };
  const done = (async () => {
    while (!state.isStopped) {
      const packet = hep3(Buffer.from(message.replace('\r\n', `\r\nX-Number: ${state.sent}\r\n`), 'latin1'), state.sent) as Buffer;
      await new Promise((next) => socket.send(packet, port, '127.0.0.1', next));
      state.sent++;
      await sleep(1);
    }
    socket.close();
  })();
  return {
    get sent() {
      return state.sent;
    },
    stop: async () => {
      state.isStopped = true;
      await done;
      return state.sent;
    },
  };
}

const numbers = (packets: readonly Buffer[]) => packets.map((packet) => Number(/X-Number: (\d+)/.exec(packet.toString('latin1'))![1]));
const ascending = (list: readonly number[]) => [...list].sort((a, b) => a - b);
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
/** One without a gap, whatever the order. */
const isRun = (list: readonly number[]) => ascending(list).every((number, i, all) => number === all[0] + i);

test('one kept, one taken over, one removed with its backlog and brought back', async () => {
  const [hep, deadPort, otherPort, keptPort] = [await freePort(), await freePort(), await freePort(), await freePort()];
  const [kept, other, udp] = [await tcpReceiver(keptPort), await tcpReceiver(otherPort), await udpReceiver()];
  const [keptUrl, otherUrl, deadUrl] = [keptPort, otherPort, deadPort].map((port) => `hep_tcp:127.0.0.1:${port}`);
  const spool = at('spool');
  const text = (targets: string[], more = '') =>
    `socket: [hep_udp:127.0.0.1:${hep}]\ndb_url: sqlite:${at('calls.db')}\nspool: {directory: ${spool}}\nhep_targets: [${[keptUrl, `hep_udp:127.0.0.1:${udp.port}`, ...targets].join(', ')}]\n${more}`;
  const running = await serveIn(folder.path, 'serve.yaml', text([deadUrl]));
  let reloads = 0;
  const reload = async (config: string) => {
    writeFileSync(at('serve.yaml'), config);
    running.child.kill('SIGHUP');
    reloads++;
    await until(() => running.logged().split('configuration reloaded').length > reloads, `a reload: ${running.logged()}`, 60_000);
  };
  const flow = traffic(hep);
  const more = async (packets: number) => {
    const upTo = flow.sent + packets;
    await until(() => flow.sent >= upTo, 'traffic', 60_000);
  };
  await more(150);
  // The dead one is removed: what waits for it stays in its spool, and another takes its place.
  await reload(text([otherUrl]));
  await more(150);
  await until(() => running.logged().includes(`packets for ${deadUrl} wait in ${spool}`), `the backlog: ${running.logged()}`, 60_000);
  const report = await sipcap(['hep', 'spool', spool]);
  const waiting = Number(/wait in/.test(running.logged()) && /(\d+) packets for/.exec(running.logged())![1]);
  expect([report.code, waiting]).toEqual([0, expect.any(Number)]);
  expect(waiting).toBeGreaterThan(100);
  // Another setting of all targets: each is closed, and its successor takes over its spool.
  await reload(text([otherUrl], 'compressed_payload: on\n'));
  await more(150);
  await reload(text([otherUrl]));
  await more(150);
  // Back again, and alive: its backlog goes first.
  const revived = await tcpReceiver(deadPort);
  await reload(text([deadUrl]));
  await more(150);
  const sent = await flow.stop();
  await until(() => kept.got.length >= sent && revived.got.length + other.got.length >= sent, 'delivery', 60_000);
  const { code, all } = await stop(running);
  expect([code, all.accounting_errors, all.frames.received]).toEqual([0, [], sent]);
  expect(all.sinks.map(({ waiting: left, lost }) => [left, lost])).toEqual(all.sinks.map(() => [0, 0]));
  expect(await count(at('calls.db'))).toBe(sent);
  expect(numbers(kept.got)).toEqual(range(0, sent));
  expect(ascending(numbers(udp.got))).toEqual(range(0, sent));
  const [others, back] = [numbers(other.got), numbers(revived.got)];
  expect(isRun(others)).toBe(true);
  expect(ascending([...others, ...back])).toEqual(range(0, sent));
  expect(back.slice(0, waiting)).toEqual(range(0, waiting));
}, 240_000);

test('what a reload says of losses goes by its own settings', async () => {
  const [hep, dead] = [await freePort(), await freePort()];
  const text = (name: string, more = '') =>
    `socket: [hep_udp:127.0.0.1:${hep}]\ndb_url: mysql://root@127.0.0.1:${dead}/${name}\ndrain_deadline: 1s\n${more}`;
  const running = await serveIn(folder.path, 'advice.yaml', text('x', `spool: {directory: ${at('advised')}}\n`));
  const reload = async (config: string, times: number) => {
    writeFileSync(at('advice.yaml'), config);
    running.child.kill('SIGHUP');
    await until(() => running.logged().split('configuration reloaded').length > times, `a reload: ${running.logged()}`, 60_000);
  };
  await reload(text('y'), 1);
  const flow = traffic(hep);
  await until(() => flow.sent > 50, 'traffic', 60_000);
  await flow.stop();
  // The one without a spool is closed with all it holds.
  await reload(text('z'), 2);
  await until(() => running.logged().includes('losing messages: '), `the loss: ${running.logged()}`, 60_000);
  expect(running.logged()).toMatch(/losing messages: .*; set spool\.directory to keep them/);
  await stop(running);
}, 120_000);
