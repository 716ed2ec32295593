/** Calls as they happen, by HEP: lines for those that are over, and a ladder that grows. */
import { createSocket } from 'node:dgram';
import { afterAll, expect, test } from '@jest/globals';
import { isFault, type Message } from '../../src/lib/base/index.js';
import { HepEncoder } from '../../src/lib/hep/index.js';
import { killAll, start, until, type Running } from '../rigs/sipcap.js';
import { START, answered } from '../calls/rig.js';

const encoder = new HepEncoder({ version: 3, captureId: 7, authKey: null, captureName: '', compress: false });
afterAll(() => killAll());

async function portOf(running: Running): Promise<number> {
  await until(() => /listening on \S+:(\d+),/.test(running.logged()), 'the listener', 60_000);
  return Number(/listening on \S+:(\d+),/.exec(running.logged())![1]);
}

/** Now, in the order given. */
async function send(messages: readonly Message[], port: number): Promise<void> {
  const socket = createSocket('udp4');
  const shift = Date.now() * 1000 - START;
  for (const message of messages) {
    const packet = encoder.encode({ ...message, captureId: 7, capturedAt: message.capturedAt + shift });
    if (isFault(packet)) throw new Error(packet.fault);
    await new Promise<void>((done) => socket.send(packet, port, '127.0.0.1', () => done()));
  }
  socket.close();
}

test('call list prints a call once it is over; call show --follow ends with its call', async () => {
  const list = start(['call', 'list', '--hep-listen', 'hep_udp:127.0.0.1:0', '--format', 'json'], { env: { TZ: 'UTC' } });
  const show = start(['call', 'show', 'live-1', '--follow', '--hep-listen', 'hep_udp:127.0.0.1:0', '--ascii', '--width', '80'], {
    env: { TZ: 'UTC' },
  });
  const call = answered(100, 200, { callId: 'live-1' });
  const leg = answered(100, 200, { callId: 'live-2', headers: ['X-CID: live-1'] });
  for (const port of [await portOf(list), await portOf(show)]) {
    await send(call.slice(0, 4), port);
    await send(leg, port);
    await send(call.slice(4), port);
  }
  await until(() => list.shown().split('\n').length === 3, 'both calls', 60_000);
  expect(
    list
      .shown()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object),
  ).toMatchObject([
    { callid: expect.stringMatching(/^live-/), state: 'ended', node: '7', legs: 2 },
    { callid: expect.stringMatching(/^live-/), state: 'ended', node: '7', legs: 2 },
  ]);
  list.child.kill('SIGTERM');
  expect((await list.ended).code).toBe(0);
  const ended = await show.ended;
  expect(ended.code).toBe(0);
  expect(ended.stdout).toMatch(/\|<-+ 200 OK \(BYE\) -+\|/);
  expect(ended.stdout).toMatch(/ B +\|/);
}, 180_000);
