/** A relay with `--hep-identity always` under traffic to our own listener, behind a proxy that can cut the connection. */
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from '@jest/globals';
import { hep3, sipMessages } from '../../bench/corpus.mjs';
import type { TestDatabase } from './databases.js';
import { freePort } from './free-port.js';
import { Proxy } from './proxy.js';
import { type Running, start, summary, until } from './sipcap.js';

async function listening(running: Running): Promise<number> {
  const words = /listening on hep_\w+:\S*?:(\d+)(?:,|\s)/;
  await until(() => words.test(running.logged()), 'the listener');
  return Number(words.exec(running.logged())![1]);
}

/** Sends HEP of another program over TCP, some messages every few milliseconds, until all are sent. */
async function traffic(port: number, messages: number): Promise<{ sent(): number; done: Promise<Socket> }> {
  const socket = connect(port, '127.0.0.1');
  await new Promise((resolve) => socket.once('connect', resolve));
  const packets = (sipMessages(messages) as Buffer[]).map((message, i) => hep3(message, i) as Buffer);
  let sent = 0;
  const done = (async () => {
    while (sent < messages) {
      for (let i = 0; i < 10; i++) socket.write(packets[sent++]);
      await sleep(15);
    }
    return socket;
  })();
  return { sent: () => sent, done };
}

async function stored(database: TestDatabase): Promise<{ rows: number; messages: number }> {
  const sql = 'SELECT count(*) AS n, count(DISTINCT msg) AS messages FROM sip_capture';
  const [row] = await database.query(sql).catch(() => [{ n: 0, messages: 0 }]);
  return { rows: Number(row.n), messages: Number(row.messages) };
}

export interface RelayRig {
  proxy: Proxy;
  /** Kills the listener, and starts it again. */
  restart(): Promise<void>;
  /** Messages sent so far. */
  sent(): number;
}

export interface RelayTraffic {
  database: TestDatabase;
  messages: number;
  /** More flags of the listener. */
  listener?: string[];
  disturb(rig: RelayRig): Promise<void>;
}

/** The rows at the end, and how many messages the last listener dropped as repeats. */
export async function relayed({ database, messages, listener = [], disturb }: RelayTraffic) {
  const port = await freePort();
  const listen = async () => {
    const running = start(['hep', 'listen', `hep_tcp:127.0.0.1:${port}`, '--db', database.url, '--summary', 'json', ...listener]);
    await listening(running);
    return running;
  };
  let target = await listen();
  const proxy = await Proxy.open(`tcp://127.0.0.1:${port}`);
  const to = `hep_tcp:127.0.0.1:${new URL(proxy.through('tcp://x:1')).port}`;
  const relay = start(['hep', 'relay', '--from', 'hep_tcp:127.0.0.1:0', '--to', to, '--hep-identity', 'always', '--summary', 'json']);
  const sending = await traffic(await listening(relay), messages);
  const restart = async () => {
    target.child.kill('SIGKILL');
    await target.ended;
    target = await listen();
  };
  await disturb({ proxy, restart, sent: sending.sent });
  const socket = await sending.done;
  for (let tries = 0; tries < 300 && (await stored(database)).messages < messages; tries++) await sleep(100);
  socket.end();
  relay.child.kill('SIGTERM');
  const sent = summary(await relay.ended);
  target.child.kill('SIGTERM');
  const received = summary(await target.ended);
  await proxy.close();
  expect([sent.accounting_errors, received.accounting_errors]).toEqual([[], []]);
  expect(sent.frames.received).toBe(messages);
  return { ...(await stored(database)), repeated: (received.messages.filtered as Record<string, number>).repeated ?? 0 };
}

/** Does it whenever that many more messages were sent. */
export async function every(step: number, messages: number, sent: () => number, act: () => void | Promise<void>): Promise<void> {
  for (let next = step; next < messages; next += step) {
    await until(() => sent() >= next, 'traffic');
    await act();
  }
}
