/** A reload whose outputs cannot be opened, nor the ones before again, as the folder of the spools is away for a moment. */
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, test } from '@jest/globals';
import { hep3, sipMessages } from '../../bench/corpus.mjs';
import { count } from '../rigs/database.js';
import { freePort } from '../rigs/free-port.js';
import { closeReceivers, tcpReceiver } from '../rigs/hep-receivers.js';
import { serveIn, stop } from '../rigs/serving.js';
import { killAll, temporaryFolder, until, type Running } from '../rigs/sipcap.js';

const packets = (sipMessages(300) as Buffer[]).map((message, i) => hep3(message, i) as Buffer);
const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);

afterAll(() => {
  killAll();
  closeReceivers();
  folder.remove();
});

/** A node with a database and a target, which have spools; `batch` changes both outputs. */
async function node(name: string) {
  const [port, far] = [await freePort(), await freePort()];
  const { got } = await tcpReceiver(far);
  const text = (more: string) =>
    `socket: [hep_tcp:127.0.0.1:${port}]\ndb_url: sqlite:${at(`${name}.db`)}\nhep_targets: ["hep_tcp:127.0.0.1:${far}"]\n` +
    `spool: {directory: ${at(name)}, ${more}}\n`;
  const running = await serveIn(folder.path, `${name}.yaml`, text('max_size: 1G'));
  const send = async (some: readonly Buffer[]) => {
    const socket = connect(port, '127.0.0.1');
    socket.end(Buffer.concat(some));
    socket.resume();
    await once(socket, 'close');
  };
  const reload = (more: string) => {
    writeFileSync(at(`${name}.yaml`), text(more));
    running.child.kill('SIGHUP');
  };
  return { running, send, reload, got, stored: () => count(at(`${name}.db`)).catch(() => 0) };
}

/** What is in the folder is away; files in its place keep anybody from making it again. */
function takeAway(name: string): () => void {
  const names = readdirSync(at(name));
  for (const each of names) {
    renameSync(join(at(name), each), at(`${name}-${each}`));
    writeFileSync(join(at(name), each), '');
  }
  return () => {
    for (const each of names) {
      rmSync(join(at(name), each), { recursive: true });
      renameSync(at(`${name}-${each}`), join(at(name), each));
    }
  };
}

const logged = (running: Running, text: string, milliseconds = 20_000) =>
  until(() => running.logged().includes(text), `${text}: ${running.logged()}`, milliseconds);

test('for seconds: messages wait, and nothing is lost', async () => {
  mkdirSync(at('short'), { recursive: true });
  const { running, send, reload, got, stored } = await node('short');
  await send(packets.slice(0, 100));
  await until(async () => (await stored()) === 100 && got.length === 100, 'the first messages');
  const bringBack = takeAway('short');
  reload('max_size: 2G');
  await logged(running, 'was closed and cannot be opened again yet');
  const sending = send(packets.slice(100, 200));
  await sleep(2000);
  bringBack();
  await logged(running, 'cannot apply configuration');
  await sending;
  await until(async () => (await stored()) === 200 && got.length === 200, 'the messages sent meanwhile', 20_000);
  reload('max_size: 3G');
  await logged(running, 'configuration reloaded');
  await send(packets.slice(200));
  await until(async () => (await stored()) === 300 && got.length === 300, 'the last messages', 20_000);
  const { code, all } = await stop(running);
  expect([code, all.accounting_errors, all.messages.found]).toEqual([0, [], 300]);
}, 60_000);

test('for longer: what is lost is counted, and the output is opened as soon as that succeeds', async () => {
  mkdirSync(at('long'), { recursive: true });
  const { running, send, reload, got, stored } = await node('long');
  await send(packets.slice(0, 100));
  await until(async () => (await stored()) === 100 && got.length === 100, 'the first messages');
  const bringBack = takeAway('long');
  reload('max_size: 2G');
  await logged(running, 'cannot apply configuration', 40_000);
  await send(packets.slice(100, 200));
  await sleep(1500);
  bringBack();
  await logged(running, 'is open again');
  await send(packets.slice(200));
  // The target had not been closed yet.
  await until(async () => (await stored()) === 200 && got.length === 300, 'the last messages', 20_000);
  const { code, all } = await stop(running);
  expect([code, all.accounting_errors, all.messages.found]).toEqual([4, [], 300]);
  expect(all.sinks.reduce((sum, { lost }) => sum + lost, 0)).toBe(100);
  expect(running.logged()).toMatch(/cannot be opened: .*tried again every second, and what comes meanwhile is lost for it/);
}, 90_000);
