/** Retransmissions, duplicates of capture points, cut messages, clocks, order and bounds of the index. */
import { describe, expect, test } from '@jest/globals';
import { answered, calls, indexed, only, prepared, say } from './rig.js';
import type { Message } from '../../src/lib/base/index.js';

const later = (message: Message, milliseconds: number, members: Partial<Message> = {}): Message => ({
  ...message,
  capturedAt: message.capturedAt + milliseconds * 1000,
  ...members,
});

describe('retransmissions and duplicates', () => {
  test('a request repeated after T1 is a retransmission, also with other messages in between', () => {
    const invite = say(0, 'a>b', 'INVITE');
    const found = only([
      invite,
      say(100, 'c>b', 'INVITE', { branch: 'z9hG4bKother' }),
      later(invite, 500),
      later(invite, 1500),
      say(1600, 'b>a', '100 Trying'),
      say(1601, 'b>a', '200 OK', { toTag: 't' }),
      say(2101, 'b>a', '200 OK', { toTag: 't' }),
    ]);
    expect(found).toMatchObject({ messages: 7, retransmissions: 3, duplicates: 0 });
  });

  test('two nodes, two VLANs, or twice within 2 ms: seen once', () => {
    const [invite, ...rest] = answered();
    for (const twin of [
      later(invite, 3, { captureId: 7 }),
      later(invite, 30, { captureId: 7 }),
      later(invite, 0, { vlan: 12 }),
      later(invite, 2),
    ])
      expect(only([invite, twin, ...rest])).toMatchObject({ messages: 7, duplicates: 1, retransmissions: 0 });
  });

  test('a retransmission seen by two nodes is one retransmission and one duplicate', () => {
    const invite = say(0, 'a>b', 'INVITE', { node: 1 });
    const found = only([
      invite,
      later(invite, 1, { captureId: 2 }),
      later(invite, 500),
      later(invite, 501, { captureId: 2 }),
      later(invite, 1500, { captureId: 2 }),
    ]);
    expect(found).toMatchObject({ messages: 3, retransmissions: 2, duplicates: 2 });
  });

  test('another hop, To tag, RSeq or method of one branch is a separate message', () => {
    const reliable = (rseq: number) => ({ toTag: 't', headers: [`RSeq: ${rseq}`, 'Require: 100rel'] });
    expect(
      only([
        say(0, 'a>b', 'INVITE'),
        say(3, 'b>c', 'INVITE'),
        say(600, 'b>a', '183 Progress', reliable(1)),
        say(1200, 'b>a', '183 Progress', reliable(2)),
        say(1800, 'b>a', '183 Progress', { ...reliable(2), toTag: 'u' }),
        say(2000, 'a>b', 'CANCEL'),
        say(2001, 'b>a', '487 Request Terminated', { toTag: 't' }),
        say(2002, 'a>b', 'ACK', { toTag: 't', branch: 'z9hG4bKoneaexample1INVITEf1' }),
      ]).retransmissions,
    ).toBe(0);
  });

  test('RFC 2543: without the magic cookie the whole Via is compared', () => {
    const one = say(0, 'a>b', 'OPTIONS', { branch: '1' });
    expect(only([one, later(one, 700)]).retransmissions).toBe(1);
    expect(only([one, say(700, 'a>b', 'OPTIONS', { branch: '1', fromTag: 'f2' })]).retransmissions).toBe(0);
    expect(only([one, say(700, 'a>b', 'OPTIONS', { branch: '1', cseq: '2 OPTIONS' })]).retransmissions).toBe(0);
  });

  test('a truncated message beside its complete form', () => {
    const invite = say(0, 'a>b', 'INVITE', { body: 'v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\ns=-\r\n' });
    const cut = prepared({ ...invite, sip: null, payload: invite.payload.subarray(0, invite.payload.length - 10) });
    expect(only([cut])).toMatchObject({ flags: ['cut', 'unfinished'], messages: 1 });
    expect(only([cut, later(invite, 0)])).toMatchObject({ flags: ['unfinished'], messages: 1, duplicates: 1 });
  });
});

describe('two clocks', () => {
  test('a reply shortly before its request belongs to the same call', () => {
    const found = only([
      say(-12, 'b>a', '100 Trying', { node: 2 }),
      say(-5, 'b>a', '180 Ringing', { toTag: 't', node: 2 }),
      say(0, 'a>b', 'INVITE', { node: 1 }),
      say(900, 'b>a', '200 OK', { toTag: 't', node: 2 }),
      say(950, 'a>b', 'ACK', { toTag: 't', node: 1 }),
    ]);
    expect(found).toMatchObject({ state: 'lost', flags: ['no-bye', 'clock'], pddMs: 0, setupMs: 900, fromUser: 'ann', source: '10.0.0.1' });
  });
});

describe('syntax corner cases', () => {
  test.each([
    ['tag inside a display name', 'From: "x;tag=1" <sip:ann@a.example>;tag=real'],
    ['compact name', 'f: <sip:ann@a.example>;tag=real'],
    ['folded', 'From: <sip:ann@a.example>\r\n ;tag=real'],
  ])('%s', (_, from) => {
    const text = [
      'INVITE sip:b@b SIP/2.0',
      'v: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK1',
      from,
      't: <sip:b@b>',
      'i: c',
      'CSeq: 0001 INVITE',
      '',
      '',
    ];
    const invite = prepared({ payload: Buffer.from(text.join('\r\n')) });
    const bye = say(900, '127.0.0.1:5060>127.0.0.2:5080', 'BYE', { callId: 'c', fromTag: 'real', toTag: 't' });
    expect(only([invite, { ...bye, capturedAt: invite.capturedAt + 10 }])).toMatchObject({ fromUser: 'ann', callId: 'c', messages: 2 });
  });

  test('CSeq of 2^31 and leading zeros match', () => {
    const big = (cseq: string) => ({ cseq, branch: 'z9hG4bKbig' });
    expect(
      only([say(0, 'a>b', 'INVITE', big('2147483648 INVITE')), say(5, 'b>a', '486 Busy', { ...big('02147483648 INVITE'), toTag: 't' })])
        .status,
    ).toBe(486);
  });

  test('messages without Call-ID are counted', () => {
    const { calls: found, index } = indexed([say(0, 'a>b', 'INVITE', { callId: '' })]);
    expect([found.length, index.withoutCallId]).toEqual([0, 1]);
  });
});

describe('order and bounds', () => {
  test('in the order in which they end, ties by the first message; open calls last', () => {
    const refused = (callId: string, at: number, end: number) => [
      say(at, 'a>b', 'INVITE', { callId }),
      say(end, 'b>a', '486 Busy', { callId, toTag: 't' }),
    ];
    const messages = [
      ...refused('slow', 0, 3000),
      ...refused('tie-b', 20, 1000),
      ...refused('tie-a', 10, 1000),
      ...refused('late', 30, 90_000),
    ];
    messages.push(say(5, 'a>b', 'INVITE', { callId: 'open' }));
    messages.sort((a, b) => a.capturedAt - b.capturedAt);
    expect(calls(messages).map(({ callId }) => callId)).toEqual(['tie-a', 'tie-b', 'slow', 'late', 'open']);
  });

  test('a finished call is delivered while messages still arrive, and late ones do not start another', () => {
    const early = answered();
    const bye = early[5];
    const found: string[] = [];
    const { index } = indexed([...early, say(70_000, 'c>d', 'OPTIONS', { callId: 'x' }), later(bye, 9000)]);
    expect(found).toEqual([]);
    expect(index.late).toBe(1);
  });

  test('beyond the limit of open calls, the one idle longest is delivered unfinished', () => {
    const many = Array.from({ length: 5 }, (_, i) => say(i, 'a>b', 'INVITE', { callId: `call-${i}` }));
    const { calls: found, index } = indexed(
      [...many.slice(0, 3), say(2.5, 'b>a', '180 Ringing', { callId: 'call-0', toTag: 't' }), ...many.slice(3)],
      {
        maxOpenCalls: 3,
      },
    );
    expect(index.evicted).toBe(2);
    expect(found.map(({ callId, state }) => `${callId} ${state}`)).toEqual([
      'call-1 trying',
      'call-2 trying',
      'call-0 ringing',
      'call-3 trying',
      'call-4 trying',
    ]);
  });

  test('hostile: 20,000 messages of one Call-ID, and 20,000 INVITEs with distinct tags, stay fast', () => {
    const began = performance.now();
    calls(Array.from({ length: 20_000 }, (_, i) => say(i, 'a>b', 'INFO', { toTag: 't', cseq: `${i} INFO`, branch: `z9hG4bK${i}` })));
    calls(Array.from({ length: 5000 }, (_, i) => say(i, 'a>b', 'INVITE', { fromTag: `f${i}` })));
    expect(performance.now() - began).toBeLessThan(20_000);
  });

  test('a jump of years in time is handled at once', () => {
    expect(calls([say(0, 'a>b', 'INVITE'), say(3e11, 'a>b', 'INVITE', { callId: 'next' })])).toHaveLength(2);
  });
});
