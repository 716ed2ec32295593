/** Ratios and delays of RFC 6076 and older ones, on calls with known outcome. */
import { expect, test } from '@jest/globals';
import { Zone } from '../../src/lib/base/time/index.js';
import { CallStatistics, type Grouping } from '../../src/lib/calls/index.js';
import { MediaTotals } from '../../src/lib/calls/statistics/media-totals.js';
import type { CallFlag } from '../../src/lib/calls/tracking/states.js';
import { answered, calls, say } from './rig.js';

const refused = (callId: string, reply: string, at = 0) => [
  say(at, 'a>b', 'INVITE', { callId }),
  say(at + 40, 'b>a', reply, { callId, toTag: 't' }),
];
const challenged = [
  say(0, 'a>b', 'INVITE', { callId: 'auth' }),
  say(5, 'b>a', '407 Authenticate', { callId: 'auth', toTag: 'p' }),
  ...refused('auth', '486 Busy Here', 20).map((message) => ({
    ...message,
    sip: { ...message.sip!, cseq: '2 INVITE', viaBranch: 'z9hG4bKauth2' },
  })),
];

function statistics(messages: Parameters<typeof calls>[0], by: Grouping = 'none', perHop = false) {
  const counted = new CallStatistics(by, new Zone('UTC'), perHop);
  for (const call of calls([...messages].sort((a, b) => a.capturedAt - b.capturedAt))) counted.add(call);
  return counted;
}

test('every ratio', () => {
  const messages = [
    ...answered(3000, 63_000, { callId: 'ok' }),
    ...answered(1000, 31_000, { callId: 'open' }).slice(0, 5),
    ...challenged,
    ...refused('down', '503 Service Unavailable'),
    ...refused('gone', '404 Not Found'),
    ...refused('moved', '302 Moved'),
    ...refused('only-challenged', '401 Unauthorized'),
    say(0, 'a>b', 'REGISTER', { callId: 'r1' }),
    say(20, 'b>a', '200 OK', { callId: 'r1', cseq: '1 REGISTER', toTag: 'r' }),
    say(0, 'a>b', 'REGISTER', { callId: 'r2' }),
    say(20, 'b>a', '403 Forbidden', { callId: 'r2', cseq: '1 REGISTER', toTag: 'r' }),
    say(0, 'a>b', 'OPTIONS', { callId: 'o' }),
  ];
  expect(statistics(messages).total.figures()).toEqual({
    ...new MediaTotals().figures(),
    attempts: 6,
    answered: 2,
    asr: (2 * 100) / 6,
    ner: (3 * 100) / 6,
    ser: (2 * 100) / 5,
    seer: (3 * 100) / 5,
    isa: 100 / 6,
    scr: 100 / 6,
    acd: 60,
    srdMs: 100,
    failedSrdMs: 140 / 3,
    setupMs: 2000,
    sddMs: 30,
    registrations: 2,
    rrdMs: 20,
    ira: 50,
    others: 1,
    messages: 29,
    retransmissionRate: 0,
  });
});

test('an additional leg is not another call, unless hops are counted', () => {
  const both = [...answered(3000, 63_000, { callId: 'a1' }), ...answered(3000, 63_000, { callId: 'b1', headers: ['X-CID: a1'] })];
  expect(statistics(both).total.figures()).toMatchObject({ attempts: 1, messages: 7 });
  expect(statistics(both, 'none', true).total.figures()).toMatchObject({ attempts: 2, messages: 14 });
});

test.each([
  ['hour', ['2026-01-15 09:00', '2026-01-15 10:00']],
  ['status', ['(none)', '486']],
  ['method', ['INVITE', 'OPTIONS']],
  ['peer', ['10.0.0.1', '10.0.0.3']],
  ['node', ['(none)', '7']],
] as const)('by %s', (by, groups) => {
  const messages = [...refused('x', '486 Busy'), say(3_600_000, 'c>b', 'OPTIONS', { callId: 'o', node: 7 })];
  expect(
    statistics(messages, by)
      .rows()
      .map(({ group }) => group)
      .sort(),
  ).toEqual([...groups]);
});

test('nothing divides by zero', () => {
  expect(statistics([]).total.figures()).toMatchObject({ attempts: 0, asr: null, acd: null, retransmissionRate: null });
});

test('call quality by the categories of G.107, and by loss', () => {
  const totals = new MediaTotals();
  const call = (mos: number | null, lossPercent: number | null, flags: CallFlag[] = []) => totals.add({ mos, lossPercent, flags });
  call(4.4, 0);
  call(4.1, 0.5);
  call(3.6, 1, ['one-way']);
  call(3.2, 5);
  call(1.5, 40);
  call(null, 0);
  call(null, null);
  expect(totals.figures()).toEqual({
    mos: (4.4 + 4.1 + 3.6 + 3.2 + 1.5) / 5,
    mos43: 1,
    mos40: 1,
    mos36: 1,
    mos31: 1,
    mosBelow31: 1,
    lossPercent: 46.5 / 6,
    noLoss: 2,
    lossBelow1: 1,
    lossBelow5: 1,
    lossAbove5: 2,
    oneWay: 1,
  });
});
