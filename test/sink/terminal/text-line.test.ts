/** The line of a message on the screen: its parts, its columns, the width of the terminal, times and names. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { columnsOf, isFault, type Message } from '../../../src/lib/base/index.js';
import { Zone } from '../../../src/lib/base/time/index.js';
import { TIME_STYLES } from '../../../src/lib/sink/terminal/line-times.js';
import { PLAIN_LINES, noPaint, textFormat, type TextFormatOptions } from '../../../src/lib/sink/terminal/text-format.js';
import { parseSip } from '../../../src/lib/sip/index.js';
import { hepMessage } from '../../rigs/messages.js';

const AT = 1_700_000_000_123_456;

function sip(first: string, changes: Partial<Message> = {}, cseq = '1 INVITE', body = ''): Message {
  const type = body === '' ? '' : 'Content-Type: application/sdp\r\n';
  const text = `${first}\r\nVia: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK1\r\nFrom: <sip:alice@a.example>;tag=1\r\nTo: <sip:bob@b.example>\r\nCall-ID: c1\r\nCSeq: ${cseq}\r\n${type}\r\n${body}`;
  const payload = Buffer.from(text);
  const fields = parseSip(payload);
  if (isFault(fields)) throw new Error('not SIP');
  return hepMessage({
    capturedAt: AT,
    sourceAddress: '10.0.0.1',
    destinationAddress: '10.0.0.2',
    payload,
    sip: fields,
    ...changes,
  });
}

const lines = (messages: readonly Message[], options: Partial<TextFormatOptions> = {}) => {
  const format = textFormat({ ...PLAIN_LINES, ...options });
  return messages.map((message) => Buffer.from(format(message), 'latin1').toString().slice(0, -1));
};
const INVITE = 'INVITE sip:bob@b.example SIP/2.0';

describe('a line', () => {
  test('has transport, reason phrase and CSeq method, SDP, from and to before the Call-ID', () => {
    expect(
      lines([
        sip(INVITE, {}, '1 INVITE', 'v=0\r\n'),
        sip('SIP/2.0 486 Busy Here', { protocol: 6 }),
        sip('SIP/2.0 200 OK', { protocol: 22, capturedAt: AT + 1e6 }, '2 BYE'),
      ]),
    ).toEqual([
      '2023-11-14 22:13:20.123456         10.0.0.1:5060 → 10.0.0.2:5080         UDP  INVITE (sdp)           alice@a.example → bob@b.example      c1',
      '2023-11-14 22:13:20.123456         10.0.0.1:5060 → 10.0.0.2:5080         TCP  486 Busy Here (INVITE) alice@a.example → bob@b.example      c1',
      '2023-11-14 22:13:21.123456         10.0.0.1:5060 → 10.0.0.2:5080         TLS  200 OK (BYE)           alice@a.example → bob@b.example      c1',
    ]);
  });

  test('of a retransmission is marked, within 32 seconds and on the same hop only', () => {
    const again = (seconds: number, changes: Partial<Message> = {}) => sip(INVITE, { capturedAt: AT + seconds * 1e6, ...changes });
    const marked = lines([again(0), again(0.5), again(40), again(41, { sourcePort: 5062 })]).map((line) => line.includes('(resent)'));
    expect(marked).toEqual([false, true, false, false]);
  });

  test('stays aligned when longer addresses and names appear', () => {
    const six = { sourceAddress: '2001:db8:1:2:3:4:5:6', destinationAddress: '2001:db8::1' };
    const all = lines([sip(INVITE, six), sip(INVITE), sip('SIP/2.0 487 Request Terminated', six), sip(INVITE)]);
    expect(all[0].indexOf('UDP')).toBe(all[1].indexOf('UDP'));
    expect(all[2].indexOf('alice')).toBe(all[3].indexOf('alice'));
  });

  test('of wide characters keeps its columns, in a pipe and on a terminal', () => {
    const nameOf = (address: string) => (address === '10.0.0.1' ? '電話' : '');
    const messages = [sip('SIP/2.0 404 😀😀😀😀😀😀😀😀😀'), sip('SIP/2.0 486 使用中です'), sip('SIP/2.0 486 e\u0301e\u0301'), sip(INVITE)];
    for (const width of [0, 80, 100, 150]) {
      const all = lines(messages, { nameOf, width: () => width });
      const columns = (mark: string) => new Set(all.map((line) => columnsOf(line.slice(0, line.indexOf(mark)))));
      expect([width, columns(' UDP ').size, columns(' alice').size]).toEqual([width, 1, 1]);
      if (width > 0) for (const line of all) expect(columnsOf(line)).toBeLessThanOrEqual(width);
      expect(all.join('')).not.toContain('\ufffd');
    }
  });

  test('shows names in place of addresses, and no control characters', () => {
    const nameOf = (address: string) => (address === '10.0.0.1' ? 'p\x1b[31mhone' : '');
    expect(lines([sip(INVITE)], { nameOf })[0]).toContain('    p.[31mhone:5060 → 10.0.0.2:5080 ');
  });
});

test.each([
  ['none', ['', '', '']],
  ['epoch', ['1700000000.123456', '1700000001.123456', '1700000003.623456']],
  ['delta', ['    0.000000', '    1.000000', '    2.500000']],
  ['date', ['2023-11-14 23:13:20.123456', '2023-11-14 23:13:21.123456', '2023-11-14 23:13:23.623456']],
  ['elapsed', ['    0.000000', '    1.000000', '    3.500000']],
] as const)('times in the style %s', (time, expected) => {
  const messages = [0, 1, 3.5].map((seconds) => sip(INVITE, { capturedAt: AT + seconds * 1e6 }));
  const found = lines(messages, { time, zone: new Zone('Europe/Berlin') }).map((line) => line.slice(0, line.indexOf('10.0.0.1:')));
  expect(found.map((text) => text.trim())).toEqual(expected.map((text) => text.trim()));
});

test('no line is wider than the terminal, whatever its content', () => {
  const word = fc.string({ minLength: 1, maxLength: 60 }).map((text) => text.replace(/[^a-z0-9]/gi, 'x'));
  fc.assert(
    fc.property(
      fc.integer({ min: 20, max: 250 }),
      fc.array(word, { minLength: 4, maxLength: 4 }),
      fc.constantFrom(...TIME_STYLES),
      (width, words, time) => {
        const message = sip(`SIP/2.0 486 ${words[0]}`, { sourceAddress: '2001:db8:1111:2222:3333:4444:5555:6666' }, `1 ${words[1]}`);
        const sipFields = { ...message.sip!, fromUser: words[2], callId: words[3] };
        const [line] = lines([{ ...message, sip: sipFields }], { width: () => width, time });
        expect(line.length).toBeLessThanOrEqual(width);
      },
    ),
    { seed: 4, numRuns: 500 },
  );
});

test('a line of ASCII for a pipe is the one that any other text and terminal would get', () => {
  // Not the object itself: what is painted takes the general way.
  const paint = { ...noPaint };
  const word = fc.oneof(fc.constant(''), fc.stringMatching(/^[ -~]{0,50}$/), fc.string({ unit: 'binary', maxLength: 12 }));
  const address = fc.constantFrom('10.0.0.1', '2001:db8:1111:2222:3333:4444:5555:6666', '::1');
  const fields = fc.record({
    fromUser: word,
    fromDomain: word,
    toUser: word,
    toDomain: word,
    callId: word,
    method: word,
    replyReason: word,
    kind: fc.constantFrom(1 as const, 2 as const),
  });
  let plain = 0;
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fields, address, address), { minLength: 1, maxLength: 4 }),
      fc.constantFrom(...TIME_STYLES),
      (all, time) => {
        const messages = all.map(([changes, sourceAddress, destinationAddress]) => {
          const message = sip(INVITE, { sourceAddress, destinationAddress });
          return { ...message, sip: { ...message.sip!, ...changes } };
        });
        const found = lines(messages, { time });
        expect(found).toEqual(lines(messages, { time, paint }));
        for (const line of found) if (/^[ -~→]*$/.test(line)) plain++;
      },
    ),
    { seed: 5, numRuns: 1000 },
  );
  expect(plain).toBeGreaterThan(100);
});
