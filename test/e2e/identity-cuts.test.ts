/** A relay whose connection is cut, or whose target is killed, under traffic: every message is stored, and stored once. */
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, test } from '@jest/globals';
import { hep3, sipMessages } from '../../bench/corpus.mjs';
import { query } from '../rigs/database.js';
import { freePort } from '../rigs/free-port.js';
import { Proxy } from '../rigs/proxy.js';
import { killAll, type Running, start, summary, temporaryFolder, until } from '../rigs/sipcap.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
const MESSAGES = 3000;

afterAll(() => {
  killAll();
  folder.remove();
});

async function listening(running: Running): Promise<number> {
  const words = /listening on hep_\w+:\S*?:(\d+)(?:,|\s)/;
  await until(() => words.test(running.logged()), 'the listener');
  return Number(words.exec(running.logged())![1]);
}

/** Sends HEP of another program over TCP, some messages every few milliseconds, until all are sent. */
async function traffic(port: number): Promise<{ sent(): number; done: Promise<Socket> }> {
  const socket = connect(port, '127.0.0.1');
  await new Promise((resolve) => socket.once('connect', resolve));
  const packets = (sipMessages(MESSAGES) as Buffer[]).map((message, i) => hep3(message, i) as Buffer);
  let sent = 0;
  const done = (async () => {
    while (sent < MESSAGES) {
      for (let i = 0; i < 10; i++) socket.write(packets[sent++]);
      await sleep(15);
    }
    return socket;
  })();
  return { sent: () => sent, done };
}

async function stored(name: string): Promise<{ rows: number; messages: number }> {
  const [row] = await query<{ rows: number; messages: number }>(
    at(name),
    'SELECT count(*) AS rows, count(DISTINCT msg) AS messages FROM sip_capture',
  ).catch(() => [{ rows: 0, messages: 0 }]);
  return row;
}

interface Setting {
  database: string;
  listener?: string[];
  disturb(rig: { proxy: Proxy; target(): Running; restart(): Promise<void>; sent(): number }): Promise<void>;
}

/** The rows at the end, and how many messages the last listener dropped as repeats. */
async function relayed({ database, listener = [], disturb }: Setting) {
  const port = await freePort();
  const listen = async () => {
    const running = start([
      'hep',
      'listen',
      `hep_tcp:127.0.0.1:${port}`,
      '--db',
      `sqlite:${at(database)}`,
      '--summary',
      'json',
      ...listener,
    ]);
    await listening(running);
    return running;
  };
  let target = await listen();
  const proxy = await Proxy.open(`tcp://127.0.0.1:${port}`);
  const to = `hep_tcp:127.0.0.1:${new URL(proxy.through('tcp://x:1')).port}`;
  const relay = start(['hep', 'relay', '--from', 'hep_tcp:127.0.0.1:0', '--to', to, '--hep-identity', 'always', '--summary', 'json']);
  const sending = await traffic(await listening(relay));
  const restart = async () => {
    target.child.kill('SIGKILL');
    await target.ended;
    target = await listen();
  };
  await disturb({ proxy, target: () => target, restart, sent: sending.sent });
  const socket = await sending.done;
  for (let tries = 0; tries < 300 && (await stored(database)).messages < MESSAGES; tries++) await sleep(100);
  socket.end();
  relay.child.kill('SIGTERM');
  const sent = summary(await relay.ended);
  target.child.kill('SIGTERM');
  const received = summary(await target.ended);
  await proxy.close();
  expect([sent.accounting_errors, received.accounting_errors]).toEqual([[], []]);
  expect(sent.frames.received).toBe(MESSAGES);
  return { ...(await stored(database)), repeated: (received.messages.filtered as Record<string, number>).repeated ?? 0 };
}

/** Cuts the connection whenever that many more messages were sent. */
const cuts = async ({ proxy, sent }: { proxy: Proxy; sent(): number }) => {
  for (let next = 300; next < MESSAGES; next += 300) {
    await until(() => sent() >= next, 'traffic');
    proxy.cut();
  }
};

test('connection cut nine times: nothing lost, nothing doubled', async () => {
  const { rows, messages, repeated } = await relayed({ database: 'cut.db', disturb: cuts });
  expect({ rows, messages }).toEqual({ rows: MESSAGES, messages: MESSAGES });
  expect(repeated).toBeGreaterThan(0);
}, 120_000);

test('repeats are stored if they are to be accepted', async () => {
  const { rows, messages } = await relayed({ database: 'accept.db', listener: ['--accept-repeats'], disturb: cuts });
  expect(messages).toBe(MESSAGES);
  expect(rows).toBeGreaterThan(MESSAGES);
}, 120_000);

test('listener killed three times: what it had taken and not stored is repeated, what it had stored is not stored again', async () => {
  const { rows, messages } = await relayed({
    database: 'kill.db',
    async disturb({ restart, sent }) {
      for (let next = 700; next < MESSAGES; next += 700) {
        await until(() => sent() >= next, 'traffic');
        await restart();
      }
    },
  });
  expect({ rows, messages }).toEqual({ rows: MESSAGES, messages: MESSAGES });
}, 120_000);

test('listener with a spool killed while its packets wait undecoded: the same', async () => {
  const { rows, messages } = await relayed({
    database: 'spool.db',
    listener: ['--spool', at('spool'), '--batch-rows', '50'],
    async disturb({ restart, sent }) {
      for (let next = 700; next < MESSAGES; next += 700) {
        await until(() => sent() >= next, 'traffic');
        await restart();
      }
    },
  });
  expect({ rows, messages }).toEqual({ rows: MESSAGES, messages: MESSAGES });
}, 120_000);
