/** The outcome of a call: every state, and its corner cases. */
import { describe, expect, test } from '@jest/globals';
import { SDP, answered, calls, only, say } from './rig.js';

const T1 = { toTag: 't1' };

describe('states of calls', () => {
  test('answered and ended, with all its times', () => {
    expect(only(answered())).toMatchObject({
      kind: 'call',
      state: 'ended',
      flags: [],
      status: 200,
      reason: 'OK',
      pddMs: 100,
      ringingMs: 2900,
      setupMs: 3000,
      talkingMs: 60_000,
      messages: 7,
      retransmissions: 0,
      duplicates: 0,
      forks: 1,
      fromUser: 'ann',
      toUser: 'ben',
      source: '10.0.0.1',
      destination: '10.0.0.2',
    });
  });

  test('in progress at the end of the data', () => {
    expect(only([say(0, 'a>b', 'INVITE')])).toMatchObject({ state: 'trying', flags: ['unfinished'], status: 0 });
    expect(only([say(0, 'a>b', 'INVITE'), say(5, 'b>a', '100 Trying')]).state).toBe('trying');
    expect(only([say(0, 'a>b', 'INVITE'), say(5, 'b>a', '181 Forwarded', T1)]).state).toBe('proceeding');
    expect(only([say(0, 'a>b', 'INVITE'), say(5, 'b>a', '183 Progress', T1)]).state).toBe('proceeding');
    expect(only([say(0, 'a>b', 'INVITE'), say(5, 'b>a', '180 Ringing', T1)]).state).toBe('ringing');
    expect(only([say(0, 'a>b', 'INVITE'), say(5, 'b>a', '183 Progress', { ...T1, body: SDP })])).toMatchObject({
      state: 'ringing',
      flags: ['early-media', 'unfinished'],
    });
  });

  test.each([
    ['486 Busy Here', 'busy'],
    ['600 Busy Everywhere', 'busy'],
    ['603 Decline', 'declined'],
    ['403 Forbidden', 'declined'],
    ['480 Temporarily Unavailable', 'unavailable'],
    ['404 Not Found', 'not-found'],
    ['484 Address Incomplete', 'not-found'],
    ['500 Server Internal Error', 'failed'],
    ['488 Not Acceptable Here', 'failed'],
    ['408 Request Timeout', 'timeout'],
    ['302 Moved Temporarily', 'redirected'],
    ['401 Unauthorized', 'challenged'],
    ['407 Proxy Authentication Required', 'challenged'],
    ['487 Request Terminated', 'cancelled'],
  ])('%s: %s', (reply, state) => {
    expect(only([say(0, 'a>b', 'INVITE'), say(50, 'b>a', reply, T1), say(60, 'a>b', 'ACK', T1)])).toMatchObject({
      state,
      status: Number(reply.slice(0, 3)),
      reason: reply.slice(4),
    });
  });

  test('408 after ringing, or no final reply within three minutes, is no-answer', () => {
    const ringing = [say(0, 'a>b', 'INVITE'), say(100, 'b>a', '180 Ringing', T1)];
    expect(only([...ringing, say(30_000, 'b>a', '408 Request Timeout', T1)]).state).toBe('no-answer');
    const later = say(200_000, 'c>d', 'OPTIONS', { callId: 'other' });
    expect(calls([...ringing, later])[0]).toMatchObject({
      callId: 'one@a.example',
      state: 'no-answer',
      status: 0,
      endedAt: expect.any(Number),
    });
    expect(calls([say(0, 'a>b', 'INVITE'), later])[0]).toMatchObject({ state: 'timeout', flags: [] });
  });

  test('a challenged INVITE continues with the next one; the challenge is not the final status', () => {
    const found = only([
      say(0, 'a>b', 'INVITE'),
      say(10, 'b>a', '407 Proxy Authentication Required', { toTag: 'p' }),
      say(12, 'a>b', 'ACK', { toTag: 'p' }),
      say(20, 'a>b', 'INVITE', { cseq: '2 INVITE' }),
      say(500, 'b>a', '180 Ringing', { ...T1, cseq: '2 INVITE' }),
      say(2000, 'b>a', '486 Busy Here', { ...T1, cseq: '2 INVITE' }),
    ]);
    expect(found).toMatchObject({ state: 'busy', status: 486, pddMs: 500, ringingMs: 1500 });
  });

  test('a redirected INVITE continues with the next one', () => {
    const found = only([
      say(0, 'a>b', 'INVITE'),
      say(10, 'b>a', '302 Moved Temporarily', T1),
      say(20, 'a>c', 'INVITE', { branch: 'z9hG4bKsecond' }),
      say(900, 'c>a', '200 OK', { toTag: 't2', branch: 'z9hG4bKsecond' }),
      say(910, 'a>c', 'ACK', { toTag: 't2' }),
    ]);
    expect(found).toMatchObject({ state: 'lost', status: 200, flags: ['no-bye'] });
  });

  test('cancelled: 487 after CANCEL; the 200 to CANCEL does not answer the call', () => {
    const found = only([
      say(0, 'a>b', 'INVITE'),
      say(100, 'b>a', '180 Ringing', T1),
      say(4100, 'a>b', 'CANCEL'),
      say(4110, 'b>a', '200 OK', { ...T1, cseq: '1 CANCEL' }),
      say(4120, 'b>a', '487 Request Terminated', T1),
      say(4130, 'a>b', 'ACK', { ...T1, branch: 'z9hG4bKoneaexample1INVITEf1' }),
    ]);
    expect(found).toMatchObject({ state: 'cancelled', status: 487, flags: [], ringingMs: 4000, setupMs: null });
  });

  test('CANCEL and 200 cross: answered, with a flag', () => {
    const found = only([
      say(0, 'a>b', 'INVITE'),
      say(4000, 'a>b', 'CANCEL'),
      say(4001, 'b>a', '200 OK', T1),
      say(4010, 'b>a', '481 Call/Transaction Does Not Exist', { ...T1, cseq: '1 CANCEL' }),
      say(4020, 'a>b', 'ACK', T1),
      say(4030, 'a>b', 'BYE', T1),
    ]);
    expect(found).toMatchObject({ state: 'ended', status: 200, flags: ['cancel-race'], talkingMs: 29 });
  });

  test('a 200 without ACK', () => {
    const without = answered().filter(({ sip }) => sip!.method !== 'ACK');
    expect(only(without)).toMatchObject({ state: 'ended', flags: ['no-ack'] });
    expect(only(without.slice(0, 4))).toMatchObject({ state: 'answered', flags: ['no-ack', 'no-bye'], talkingMs: null });
  });

  test('no BYE: lost, without a duration', () => {
    expect(only(answered().slice(0, 5))).toMatchObject({ state: 'lost', flags: ['no-bye'], talkingMs: null, endedAt: 0 });
  });

  test('a BYE rejected with 481 still ends the call; BYE from both sides is glare, and the first counts', () => {
    const spoken = answered().slice(0, 5);
    expect(
      only([...spoken, say(9000, 'a>b', 'BYE', T1), say(9010, 'b>a', '481 Call Does Not Exist', { ...T1, cseq: '2 BYE' })]),
    ).toMatchObject({ state: 'ended', talkingMs: 6000 });
    const back = { fromTag: 't1', toTag: 'f1', cseq: '7 BYE', from: 'sip:ben@b.example', to: 'sip:ann@a.example' };
    expect(only([...spoken, say(9000, 'a>b', 'BYE', T1), say(9005, 'b>a', 'BYE', back)])).toMatchObject({
      flags: ['bye-glare'],
      talkingMs: 6000,
    });
    expect(only([...spoken, say(9000, 'b>a', 'BYE', back)])).toMatchObject({ state: 'ended', flags: [], talkingMs: 6000 });
  });

  test('a rejected re-INVITE does not fail the call; 491 is glare; 481 ends it', () => {
    const spoken = answered().slice(0, 5);
    const again = [say(9000, 'a>b', 'INVITE', { ...T1, cseq: '2 INVITE' })];
    const reply = (text: string) => say(9010, 'b>a', text, { ...T1, cseq: '2 INVITE' });
    expect(only([...spoken, ...again, reply('488 Not Acceptable Here')])).toMatchObject({
      state: 'lost',
      status: 200,
      flags: ['no-bye', 'reinvite-failed'],
    });
    expect(only([...spoken, ...again, reply('491 Request Pending')]).flags).toEqual(['no-bye', 'glare']);
    expect(only([...spoken, ...again, reply('481 Call Does Not Exist')])).toMatchObject({ state: 'ended', endedAt: expect.any(Number) });
    const from = { fromTag: 't1', toTag: 'f1', cseq: '1 INVITE' };
    expect(only([...spoken, say(9000, 'b>a', 'INVITE', from), say(9010, 'a>b', '500 Oops', from)])).toMatchObject({
      status: 200,
      state: 'lost',
    });
  });

  test('UPDATE, PRACK, INFO, MESSAGE, NOTIFY and OPTIONS within a dialog change nothing', () => {
    const within = ['UPDATE', 'PRACK', 'INFO', 'MESSAGE', 'NOTIFY', 'OPTIONS'].flatMap((method, i) => [
      say(5000 + i * 100, 'a>b', method, { ...T1, cseq: `${3 + i} ${method}` }),
      say(5010 + i * 100, 'b>a', '500 No', { ...T1, cseq: `${3 + i} ${method}` }),
    ]);
    const spoken = answered();
    expect(only([...spoken.slice(0, 5), ...within, ...spoken.slice(5)])).toMatchObject({
      state: 'ended',
      status: 200,
      flags: [],
      messages: 19,
    });
  });

  test('REFER: transferred if accepted, not if rejected', () => {
    const spoken = answered().slice(0, 5);
    const refer = { ...T1, cseq: '3 REFER' };
    expect(only([...spoken, say(9000, 'a>b', 'REFER', refer), say(9010, 'b>a', '202 Accepted', refer)]).flags).toContain('transferred');
    expect(only([...spoken, say(9000, 'a>b', 'REFER', refer), say(9010, 'b>a', '603 Decline', refer)]).flags).not.toContain('transferred');
  });

  test('start not captured: partial, with the times that were seen', () => {
    expect(only(answered().slice(3))).toMatchObject({
      state: 'partial',
      flags: ['partial'],
      status: 200,
      setupMs: null,
      talkingMs: 60_000,
    });
    expect(only(answered().slice(5))).toMatchObject({ state: 'partial', status: 0 });
  });
});

describe('forks and hops', () => {
  test('several callees ring, one answers: one call, and the BYE of a second answer does not end it', () => {
    const found = only([
      say(0, 'a>b', 'INVITE'),
      say(100, 'b>a', '180 Ringing', { toTag: 'x' }),
      say(120, 'b>a', '180 Ringing', { toTag: 'y' }),
      say(130, 'b>a', '180 Ringing', { toTag: 'z' }),
      say(2000, 'b>a', '200 OK', { toTag: 'x' }),
      say(2010, 'a>b', 'ACK', { toTag: 'x' }),
      say(2011, 'b>a', '200 OK', { toTag: 'y' }),
      say(2020, 'a>b', 'ACK', { toTag: 'y', branch: 'z9hG4bKacky' }),
      say(2030, 'a>b', 'BYE', { toTag: 'y' }),
      say(9000, 'a>b', 'BYE', { toTag: 'x', branch: 'z9hG4bKbyex' }),
    ]);
    expect(found).toMatchObject({ state: 'ended', forks: 3, flags: ['forked'], talkingMs: 7000 });
  });

  test('the loser answers later, and its BYE is answered at once: the winner talks on', () => {
    const found = only([
      say(0, 'a>b', 'INVITE'),
      say(100, 'b>a', '180 Ringing', { toTag: 'x' }),
      say(120, 'b>a', '180 Ringing', { toTag: 'y' }),
      say(2000, 'b>a', '200 OK', { toTag: 'x' }),
      say(2010, 'a>b', 'ACK', { toTag: 'x' }),
      say(2200, 'b>a', '200 OK', { toTag: 'y' }),
      say(2210, 'a>b', 'ACK', { toTag: 'y', branch: 'z9hG4bKacky' }),
      say(2300, 'a>b', 'BYE', { toTag: 'y' }),
      say(2320, 'b>a', '200 OK', { toTag: 'y', cseq: '2 BYE' }),
      say(62_000, 'a>b', 'BYE', { toTag: 'x', branch: 'z9hG4bKbyex' }),
      say(62_020, 'b>a', '200 OK', { toTag: 'x', cseq: '2 BYE', branch: 'z9hG4bKbyex' }),
    ]);
    expect(found).toMatchObject({ state: 'ended', flags: ['forked'], talkingMs: 60_000, messages: 11 });
  });

  test('through a proxy: two hops are one call without retransmissions, and the first hop decides', () => {
    const hop = { branch: 'z9hG4bKhop2' };
    const found = only([
      say(0, 'a>b', 'INVITE'),
      say(1, 'b>c', 'INVITE', hop),
      say(2, 'b>a', '100 Trying'),
      say(50, 'c>b', '486 Busy Here', { ...hop, toTag: 'c' }),
      say(51, 'b>c', 'ACK', { ...hop, toTag: 'c' }),
      say(52, 'b>d', 'INVITE', { branch: 'z9hG4bKhop3' }),
      say(400, 'd>b', '500 Oops', { branch: 'z9hG4bKhop3', toTag: 'd' }),
      say(410, 'b>a', '480 Temporarily Unavailable', { toTag: 'p' }),
    ]);
    expect(found).toMatchObject({ state: 'unavailable', status: 480, retransmissions: 0, duplicates: 0, messages: 8 });
  });

  test('forked at the capture point: the best reply by RFC 3261 16.7', () => {
    const branch = (name: string) => ({ branch: `z9hG4bK${name}` });
    const found = (replies: [string, string]) =>
      only([
        say(0, 'a>b', 'INVITE', branch('b')),
        say(1, 'a>c', 'INVITE', branch('c')),
        say(100, 'b>a', replies[0], { ...branch('b'), toTag: 'b' }),
        say(200, 'c>a', replies[1], { ...branch('c'), toTag: 'c' }),
      ]).status;
    expect(found(['503 Unavailable', '486 Busy'])).toBe(486);
    expect(found(['486 Busy', '503 Unavailable'])).toBe(486);
    expect(found(['486 Busy', '603 Decline'])).toBe(603);
    expect(found(['486 Busy', '484 Incomplete'])).toBe(484);
    expect(found(['486 Busy', '200 OK'])).toBe(200);
  });

  test('sequential forking: the last branch counts', () => {
    expect(
      only([
        say(0, 'a>b', 'INVITE', { branch: 'z9hG4bKb' }),
        say(100, 'b>a', '404 Not Found', { branch: 'z9hG4bKb', toTag: 'b' }),
        say(200, 'a>c', 'INVITE', { branch: 'z9hG4bKc' }),
        say(300, 'c>a', '503 Service Unavailable', { branch: 'z9hG4bKc', toTag: 'c' }),
      ]),
    ).toMatchObject({ status: 503, state: 'failed' });
  });
});
