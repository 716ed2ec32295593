/** Live calls, by HEP: lines for ended ones, and a ladder that grows. */
import { afterAll, expect, test } from '@jest/globals';
import { portOf } from '../rigs/hep-receivers.js';
import { sendCalls } from '../rigs/send-calls.js';
import { killAll, start, until } from '../rigs/sipcap.js';
import { answered } from '../calls/rig.js';

afterAll(() => killAll());

test('call list prints a call once it is over; call show --follow ends with its call', async () => {
  const list = start(['call', 'list', '--hep-listen', 'hep_udp:127.0.0.1:0', '--format', 'json'], { env: { TZ: 'UTC' } });
  const show = start(['call', 'show', 'live-1', '--follow', '--hep-listen', 'hep_udp:127.0.0.1:0', '--ascii', '--width', '80'], {
    env: { TZ: 'UTC' },
  });
  const call = answered(100, 200, { callId: 'live-1' });
  const leg = answered(100, 200, { callId: 'live-2', headers: ['X-CID: live-1'] });
  for (const port of [await portOf(list, 'udp', 60_000), await portOf(show, 'udp', 60_000)]) {
    await sendCalls(call.slice(0, 4), port);
    await sendCalls(leg, port);
    await sendCalls(call.slice(4), port);
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

test('a sender whose clock is ten minutes behind: its call is not over between its messages', async () => {
  const list = start(['call', 'list', '--hep-listen', 'hep_udp:127.0.0.1:0', '--format', 'json'], { env: { TZ: 'UTC' } });
  const late = answered(100, 200, { callId: 'late' }).map((message) => ({ ...message, capturedAt: message.capturedAt - 600e6 }));
  const port = await portOf(list, 'udp', 60_000);
  await sendCalls(late.slice(0, 1), port);
  // More than the interval at which timers are looked at.
  await new Promise((resume) => setTimeout(resume, 2500));
  await sendCalls(late.slice(1), port);
  await until(() => list.shown().includes('late'), 'the call', 60_000);
  expect(JSON.parse(list.shown())).toMatchObject({ state: 'ended', messages: 7 });
  list.child.kill('SIGTERM');
  expect((await list.ended).code).toBe(0);
}, 180_000);
