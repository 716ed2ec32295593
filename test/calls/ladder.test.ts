/** The ladder of a call: order, lanes, names, folding, media, and each output format. */
import { describe, expect, test } from '@jest/globals';
import { columnsOf, type Message } from '../../src/lib/base/index.js';
import { Names, type LadderOptions } from '../../src/lib/calls/index.js';
import { SDP, answered, say, sdp } from './rig.js';
import { ladder, text } from './ladder-rig.js';

const TCP = { members: { protocol: 6 } };

describe('text', () => {
  test('a call with media, a pause and a BYE', () => {
    const withMedia = answered(3000, 63_000, { body: SDP }).map((message) => message);
    expect(
      text(
        withMedia.filter(({ sip }) => sip!.cseq !== '2 BYE'),
        { width: 80 },
      ),
    ).toMatchInlineSnapshot(`
     [
       "                                 10.0.0.1                    10.0.0.2",
       "                                     │                           │",
       "09:00:00.000                         │────── INVITE (sdp) ──────▶│",
       "                                     │ audio 10.0.0.1:4000 PCMA,PCMU",
       "09:00:00.010 +0.010                  │◀─── 100 Trying (sdp) ─────│",
       "                                     │ audio 10.0.0.1:4000 PCMA,PCMU",
       "09:00:00.100 +0.090                  │◀─── 180 Ringing (sdp) ────│",
       "                                     │ audio 10.0.0.1:4000 PCMA,PCMU",
       "09:00:03.000 +2.900                  │◀─ 200 OK (INVITE) (sdp) ──│",
       "09:00:03.020 +0.020                  │──────── ACK (sdp) ───────▶│",
     ]
    `);
  });

  test('ASCII, retransmissions folded and unfolded, three lanes', () => {
    const invite = say(0, 'a>c', 'INVITE');
    const messages = [say(0, 'b>c', 'OPTIONS', { callId: 'x' }), invite, { ...invite, capturedAt: invite.capturedAt + 500_000 }];
    expect(text(messages, { ascii: true })).toMatchInlineSnapshot(`
     [
       "                                  10.0.0.2                 10.0.0.3                 10.0.0.1",
       "                                     |                        |                        |",
       "09:00:00.000          A              |------- OPTIONS ------->|                        |",
       "09:00:00.000 +0.000   B              |                        |<----- INVITE x2 -------|",
     ]
    `);
    expect(text(messages, { ascii: true, unfold: true }).slice(-1)).toMatchInlineSnapshot(`
     [
       "09:00:00.500 +0.500   B          |                |<<-- INVITE ----|         again, 2nd time",
     ]
    `);
    for (const width of [60, 100]) expect(text(messages, { unfold: true, width }).join('\n')).not.toContain('×');
  });

  test('a label is shortened before its marks', () => {
    const invite = say(0, 'a>b', 'INVITE', { body: SDP, node: 1 });
    const later = (ms: number, captureId: number) => ({ ...invite, captureId, capturedAt: invite.capturedAt + ms * 1000 });
    const other = say(9, 'b>c', 'OPTIONS', { callId: 'x' });
    const messages = [invite, later(0.9, 2), later(500, 1), later(1500, 1), other];
    const firstLine = (width: number, list = messages) => text(list, { width }).find((line) => /INV/.test(line))!;
    expect(firstLine(80)).toContain('│── INVITE… ×3 ◆─▶│');
    expect(firstLine(110)).toContain('│── INVITE (… ×3 ◆─▶│');
    expect(firstLine(125)).toContain('── INVITE (sdp) ×3 ◆ ──');
    expect(firstLine(80, [invite, later(500, 1), other])).toContain('│── INVITE (… ×2─▶│');
    const loop = say(0, 'b>b', '488 Not Acceptable Here', { toTag: 't' });
    const repeated = [loop, { ...loop, capturedAt: loop.capturedAt + 500_000 }, say(1, 'a>b', 'BYE', { callId: 'x' })];
    expect(text(repeated, { width: 57 })[2]).toMatch(/├─╮ 488 Not .*… ×2$/);
  });

  test('too narrow for lanes: a list', () => {
    expect(text(answered(), { width: 50 })).toMatchInlineSnapshot(`
     [
       "09:00:00.000           10.0.0.1  ──INVITE──▶ 10.0.0.2",
       "09:00:00.010 +0.010    10.0.0.2  ──100 Trying──▶ 10.0.0.1",
       "09:00:00.100 +0.090    10.0.0.2  ──180 Ringing──▶ 10.0.0.1",
       "09:00:03.000 +2.900    10.0.0.2  ──200 OK (INVITE)──▶ 10.0.0.1",
       "09:00:03.020 +0.020    10.0.0.1  ──ACK──▶ 10.0.0.2",
       "             ··· 60.0 s ···",
       "09:01:03.000 +59.980   10.0.0.1  ──BYE──▶ 10.0.0.2",
       "09:01:03.030 +0.030    10.0.0.2  ──200 OK (BYE)──▶ 10.0.0.1",
     ]
    `);
  });

  test('every line fits the terminal, whatever the names', () => {
    const long = [...answered(), say(64_000, '[2001:db8:1111:2222:3333:4444:5555:6666]:5060>b', 'INVITE', { callId: 'six', fromTag: 'z' })];
    for (const width of [80, 100, 133, 200])
      expect(Math.max(...text(long, { width }).map((line) => line.length))).toBeLessThanOrEqual(width);
  });

  test('wide characters, marks and emoji leave every lane in its place', () => {
    const reply = (at: number, reason: string) => say(at, 'b>a', `486 ${reason}`, { toTag: 't', cseq: `${at} INVITE` });
    const reasons = ['使用中です', '使用中です'.repeat(9), '😀'.repeat(20), 'e\u0301'.repeat(9)];
    const messages = [
      say(0, 'a>b', 'INVITE', { body: SDP }),
      ...reasons.map((reason, i) => reply(i + 1, reason)),
      say(9, 'c>b', 'OPTIONS', { callId: 'x' }),
    ];
    const names = new Names('10.0.0.1 電話\n10.0.0.2 中継器中継器中継器中継器', 'f');
    for (const width of [80, 81, 100]) {
      const lines = text(messages, { width, names });
      const ends = lines.slice(1).map((line) => columnsOf(line.slice(0, line.lastIndexOf('│'))));
      expect(new Set(ends).size).toBe(1);
      expect(Math.max(...lines.map(columnsOf))).toBeLessThanOrEqual(width);
      expect(lines.join('')).not.toMatch(/\p{Surrogate}/u);
      const ascii = text(messages, { width, names, ascii: true });
      expect(new Set(ascii.slice(1).map((line) => line.lastIndexOf('|'))).size).toBe(1);
    }
  });

  test('--ascii measures what it prints', () => {
    const offer = (at: number, codecs: string) =>
      say(at, 'a>b', 'INVITE', { toTag: 't', cseq: `${at + 1} INVITE`, body: sdp('10.0.0.1', 4000, codecs) });
    const lines = text([offer(0, '8'), offer(1, '18'), say(2, 'c>b', 'OPTIONS', { callId: 'x' })], { ascii: true, width: 120 });
    expect(lines.find((line) => line.includes('PCMA->G729'))!.lastIndexOf('|')).toBe(lines[1].lastIndexOf('|'));
  });

  test('a message from a participant to itself is drawn as a loop', () => {
    expect(text([say(0, 'a>a', 'INVITE'), say(1, 'a>b', 'INVITE', { branch: 'z9hG4bK2' })], { width: 80 })).toMatchInlineSnapshot(`
     [
       "                                 10.0.0.1                    10.0.0.2",
       "                                     │                           │",
       "09:00:00.000                         ├─╮ INVITE                  │",
       "                                     │◀╯                         │",
       "09:00:00.001 +0.001                  │───────── INVITE ─────────▶│",
     ]
    `);
  });

  test('-v prints the message without terminal control characters', () => {
    const lines = text([say(0, 'a>b', 'INVITE', { headers: ['Subject: \u001b[31mred\u001b[0m'] })], { verbose: true, width: 80 });
    expect(lines.join('\n')).toContain('    Subject: .[31mred.[0m');
    expect(lines.join('')).not.toContain('\u001b');
  });
});

describe('annotations of messages', () => {
  const row = (messages: readonly Message[], n: number, options: Partial<LadderOptions> = {}) => ladder(messages, options).messages[n - 1];

  test('the method of final replies, and of provisional ones except to INVITE', () => {
    const labels = ladder([...answered(), say(70_000, 'b>a', '100 Trying', { cseq: '3 UPDATE' })]).messages.map(({ label }) => label);
    expect(labels).toEqual(['INVITE', '100 Trying', '180 Ringing', '200 OK (INVITE)', 'ACK', 'BYE', '200 OK (BYE)', '100 Trying (UPDATE)']);
  });

  test('hold, resume, another codec, another address: only what changed', () => {
    const reinvite = (at: number, cseq: number, body: string) => say(at, 'a>b', 'INVITE', { toTag: 't1', cseq: `${cseq} INVITE`, body });
    const spoken = [
      say(0, 'a>b', 'INVITE', { body: SDP }),
      reinvite(10_000, 2, sdp('10.0.0.1', 4000, '8 0', ['a=sendonly'])),
      reinvite(20_000, 3, sdp('10.0.0.1', 4000, '8 0')),
      reinvite(30_000, 4, sdp('10.0.0.1', 4002, '18')),
      reinvite(40_000, 5, sdp('0.0.0.0', 4002, '18')),
      reinvite(50_000, 6, sdp('0.0.0.0', 4002, '18')),
      reinvite(60_000, 7, sdp('10.0.0.1', 4004, '97 101', ['a=rtpmap:97 opus/48000', 'a=rtpmap:101 telephone-event/8000'])),
    ];
    expect(ladder(spoken).messages.map((message) => message.sdp)).toEqual([
      'audio 10.0.0.1:4000 PCMA,PCMU',
      'hold (sendonly)',
      'resume',
      'codec PCMA,PCMU→G729; audio to 10.0.0.1:4002',
      'hold (inactive)',
      '',
      'resume; codec G729→opus,te; audio to 10.0.0.1:4004',
    ]);
  });

  test('seen by two nodes: one row', () => {
    const invite = say(0, 'a>b', 'INVITE', { node: 1 });
    const found = ladder([invite, { ...invite, captureId: 2, capturedAt: invite.capturedAt + 900 }]);
    expect(found.messages).toHaveLength(1);
    expect(found.messages[0].seenBy).toEqual(['1', '2']);
  });

  test('two clocks: cause before effect, times unchanged, and a note', () => {
    const messages = [
      say(-12, 'b>a', '100 Trying', { node: 2 }),
      say(0, 'a>b', 'INVITE', { node: 1 }),
      say(40, 'b>a', '180 Ringing', { node: 2, toTag: 't' }),
    ];
    const rows = ladder(messages).messages;
    expect(rows.map(({ label, notes }) => [label, ...notes])).toEqual([['INVITE'], ['100 Trying', 'clock −12 ms'], ['180 Ringing']]);
    expect(rows[1].at - rows[0].at).toBe(-12_000);
  });

  test('messages of the same microsecond keep their order', () => {
    expect(
      ladder([say(0, 'a>b', 'INVITE'), say(0, 'b>a', '100 Trying'), say(0, 'b>a', '180 Ringing')]).messages.map(({ what }) => what),
    ).toEqual(['INVITE', '100', '180']);
  });

  test('missing ACK, glare, a transfer and its result', () => {
    const without = answered().filter(({ sip }) => sip!.method !== 'ACK');
    expect(row(without, 4).notes).toEqual(['no ACK']);
    const refer = say(0, 'a>b', 'REFER', { headers: ['Refer-To: <sip:carol@c.example?Replaces=1>'] });
    expect(row([refer], 1).label).toBe('REFER to sip:carol@c.example?Replaces=1');
    const notify = say(0, 'b>a', 'NOTIFY', { contentType: 'message/sipfrag;version=2.0', body: 'SIP/2.0 486 Busy Here\r\n' });
    expect(row([notify], 1).label).toBe('NOTIFY (486 Busy Here)');
  });
});

describe('lanes', () => {
  const labels = (messages: readonly Message[], options: Partial<LadderOptions> = {}) =>
    ladder(messages, options).participants.map(({ label }) => label);
  const twoPorts = [say(0, 'a>b', 'INVITE'), say(1, '10.0.0.2:5080>c', 'INVITE', { branch: 'z9hG4bK2' })];

  test('a lane for each port, labelled without the port where the host has only one', () => {
    expect(labels(twoPorts)).toEqual(['10.0.0.1', '10.0.0.2:5060', '10.0.0.2:5080', '10.0.0.3']);
    expect(labels(twoPorts, { by: 'host' })).toEqual(['10.0.0.1', '10.0.0.2', '10.0.0.3']);
    expect(labels(twoPorts, { by: 'port' })).toEqual(['10.0.0.1:5060', '10.0.0.2:5060', '10.0.0.2:5080', '10.0.0.3:5060']);
  });

  test('the high ports of TCP clients stand for their hosts', () => {
    const messages = [
      say(0, '10.0.0.1:41234>b', 'INVITE', TCP),
      say(1, 'b>10.0.0.1:41234', '100 Trying', TCP),
      say(2, '10.0.0.2:55555>a', 'BYE', TCP),
    ];
    expect(labels(messages)).toEqual(['10.0.0.1', '10.0.0.2']);
    expect(labels(messages, { by: 'port' })).toHaveLength(4);
  });

  test('IPv6 in brackets', () => {
    expect(labels([say(0, '[2001:db8::1]:5060>[2001:db8::2]:5060', 'INVITE')], { by: 'port' })).toEqual([
      '[2001:db8::1]:5060',
      '[2001:db8::2]:5060',
    ]);
  });

  test('--by box: an address belongs to the host in its Via', () => {
    const out = say(1, '10.0.1.2:5060>c', 'INVITE', { branch: 'z9hG4bK2' });
    const named = { ...out, sip: { ...out.sip!, via: out.sip!.via.replace('10.0.1.2', '10.0.0.2') } };
    expect(labels([say(0, 'a>b', 'INVITE'), named], { by: 'box' })).toEqual(['10.0.0.1', '10.0.0.2', '10.0.0.3']);
  });

  test('names: the most specific rule wins, and one name has one lane', () => {
    const names = new Names('# ours\n10.0.0.0/24 phones\n10.0.0.2 sbc\n10.0.0.2:5080 sbc core\n10.0.0.3  sbc # too\n', 'hosts.txt');
    expect(labels(twoPorts, { names })).toEqual(['phones', 'sbc', 'sbc core']);
    const six = new Names('2001:db8::1 one\n[2001:db8::1]:5080 two\n2001:db8::/32 rest', 'f');
    expect([six.nameOf('2001:db8::1', 5060), six.nameOf('2001:db8::1', 5080), six.nameOf('2001:db8::9', 1)]).toEqual([
      'one',
      'two',
      'rest',
    ]);
    for (const line of ['10.0.0.1', '10.0.0 x', '10.0.0.1/33 x', 'host name'])
      expect(() => new Names(`10.0.0.9 fine\n${line}`, 'hosts.txt')).toThrow(`hosts.txt:2: invalid line '${line}'`);
  });
});
