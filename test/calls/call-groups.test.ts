/** Which messages belong together: Call-IDs, registrations and other groups. */
import { describe, expect, test } from '@jest/globals';
import { answered, calls, only, say } from './rig.js';

describe('Call-IDs', () => {
  test('a Call-ID reused after the call ended makes two calls', () => {
    const second = answered(3000, 63_000, { fromTag: 'f2' }).map((message) => ({
      ...message,
      capturedAt: message.capturedAt + 64_000_000,
    }));
    expect(calls([...answered(), ...second]).map(({ state, flags, talkingMs }) => [state, flags, talkingMs])).toEqual([
      ['ended', [], 60_000],
      ['ended', ['reused'], 60_000],
    ]);
  });

  test.each([5500, 20_000, 100_000])('also where the first call is long forgotten: %i ms after', (gap) => {
    const later = (fromTag: string) =>
      answered(3000, 63_000, { fromTag }).map((message) => ({ ...message, capturedAt: message.capturedAt + (63_030 + gap) * 1000 }));
    for (const tag of ['f1', 'f2']) expect(calls([...answered(), ...later(tag)]).map(({ flags }) => flags)).toEqual([[], ['reused']]);
  });

  test('pings have the same Call-ID each time, which is nothing special', () => {
    const ping = (at: number) => [say(at, 'a>b', 'OPTIONS'), say(at + 10, 'b>a', '200 OK', { toTag: 'r', cseq: '1 OPTIONS' })];
    expect(calls([...ping(0), ...ping(60_000)]).map(({ flags }) => flags)).toEqual([[], []]);
  });

  test('the same From tag more than five seconds after a rejection is a new call; sooner, the same call', () => {
    const refused = [say(0, 'a>b', 'INVITE'), say(10, 'b>a', '503 Service Unavailable', { toTag: 'x' })];
    const again = (at: number) => [
      say(at, 'a>b', 'INVITE', { cseq: '2 INVITE' }),
      say(at + 10, 'b>a', '486 Busy Here', { toTag: 'y', cseq: '2 INVITE' }),
    ];
    expect(calls([...refused, ...again(2000)]).map(({ status }) => status)).toEqual([486]);
    expect(calls([...refused, ...again(8000)]).map(({ status }) => status)).toEqual([503, 486]);
  });

  test('are compared byte by byte, tags too', () => {
    expect(calls([say(0, 'a>b', 'INVITE', { callId: 'X' }), say(1, 'a>b', 'INVITE', { callId: 'x' })])).toHaveLength(2);
    expect(calls([say(0, 'a>b', 'INVITE', { fromTag: 'T' }), say(1, 'a>b', 'INVITE', { fromTag: 't' })])).toHaveLength(2);
  });
});

describe('other groups', () => {
  const register = (at: number, cseq: number, headers: string[] = []) =>
    say(at, 'a>b', 'REGISTER', {
      cseq: `${cseq} REGISTER`,
      headers: ['Contact: <sip:ann@10.0.0.1:5060>', ...headers],
      to: 'sip:ann@a.example',
    });
  const reply = (at: number, text: string, cseq: number, headers: string[] = []) =>
    say(at, 'b>a', text, { cseq: `${cseq} REGISTER`, toTag: 'r', headers, to: 'sip:ann@a.example' });

  test('REGISTER: challenged, registered, removed, refused', () => {
    const challenge = [register(0, 1), reply(5, '401 Unauthorized', 1)];
    expect(only(challenge)).toMatchObject({ kind: 'registration', method: 'REGISTER', state: 'challenged', status: 401 });
    const granted = [...challenge, register(10, 2, ['Expires: 3600']), reply(25, '200 OK', 2, ['Contact: <sip:ann@10.0.0.1>;expires=120'])];
    expect(only(granted)).toMatchObject({ state: 'registered', status: 200, expires: 120, contact: 'ann@10.0.0.1:5060', setupMs: 15 });
    const removal = [...granted, register(60_000, 3, ['Expires: 0']), reply(60_010, '200 OK', 3)];
    expect(only(removal)).toMatchObject({ state: 'removed', messages: 6 });
    expect(only([...challenge, register(10, 2), reply(20, '403 Forbidden', 2)])).toMatchObject({ state: 'failed', status: 403 });
  });

  test('refreshes of a registration are one group; a REGISTER after expiry starts another', () => {
    const once = (at: number, cseq: number) => [register(at, cseq), reply(at + 5, '200 OK', cseq, ['Expires: 60'])];
    expect(only([...once(0, 1), ...once(30_000, 2), ...once(60_000, 3)]).messages).toBe(6);
    expect(calls([...once(0, 1), ...once(300_000, 2)])).toHaveLength(2);
  });

  test('SUBSCRIBE and its NOTIFY; OPTIONS, MESSAGE', () => {
    const subscribe = { cseq: '1 SUBSCRIBE', headers: ['Event: presence', 'Expires: 600'] };
    const notify = (at: number, state: string, cseq: number) =>
      say(at, 'b>a', 'NOTIFY', { fromTag: 's', toTag: 'f1', cseq: `${cseq} NOTIFY`, headers: [`Subscription-State: ${state}`] });
    const begun = [
      say(0, 'a>b', 'SUBSCRIBE', subscribe),
      say(9, 'b>a', '202 Accepted', { ...subscribe, toTag: 's' }),
      notify(20, 'active', 1),
    ];
    expect(only(begun)).toMatchObject({ kind: 'subscription', state: 'subscribed', expires: 600 });
    expect(only([...begun, notify(500, 'terminated;reason=timeout', 2)])).toMatchObject({ state: 'terminated', messages: 4 });
    expect(only([say(0, 'a>b', 'OPTIONS'), say(9, 'b>a', '200 OK', { cseq: '1 OPTIONS' })])).toMatchObject({
      kind: 'other',
      method: 'OPTIONS',
      state: 'succeeded',
      setupMs: 9,
    });
    expect(only([say(0, 'a>b', 'MESSAGE')]).state).toBe('trying');
    expect(calls([say(0, 'a>b', 'MESSAGE'), say(60_000, 'a>b', 'OPTIONS', { callId: 'later' })])[0]).toMatchObject({
      method: 'MESSAGE',
      state: 'timeout',
    });
  });
});
