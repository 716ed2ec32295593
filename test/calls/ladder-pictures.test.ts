/** The ladder as Mermaid, SVG, HTML and JSON. */
import { describe, expect, test } from '@jest/globals';
import type { Message } from '../../src/lib/base/index.js';
import { ladderHtml, ladderJson, ladderSvg, mermaid } from '../../src/lib/calls/index.js';
import { SDP, answered, say } from './rig.js';
import { UTC, ladder, text } from './ladder-rig.js';

const HOSTILE = `"><script>alert(1)</script>&'\u0001\u202e`;

const hostile = () =>
  ladder([say(0, 'a>b', 'INVITE', { headers: [`Subject: ${HOSTILE}</script><!--`] }), say(1, 'b>a', `486 ${HOSTILE}`, { toTag: 't' })]);

function tagsBalance(xml: string): boolean {
  const open: string[] = [];
  for (const [, close, name, self] of xml.replace(/<style>[\s\S]*?<\/style>/, '').matchAll(/<(\/?)([a-z]+)[^>]*?(\/?)>/g)) {
    if (close === '/') {
      if (open.pop() !== name) return false;
    } else if (self !== '/') open.push(name);
  }
  return open.length === 0;
}

describe('Mermaid', () => {
  test('characters that would end or change a statement are escaped', () => {
    const invite = say(0, '[2001:db8::1]:5060>b', 'INVITE', { callId: 'x' });
    const reply = say(9, 'b>[2001:db8::1]:5060', '486 Busy; #1 <b>&end', { callId: 'x', toTag: 't' });
    expect(mermaid(ladder([invite, reply]), UTC).text).toMatchInlineSnapshot(`
     "sequenceDiagram
       participant p0 as [2001:db8::1]:5060
       participant p1 as 10.0.0.2:5060
       p0->>p1: 1. 09:00:00.000 INVITE
       p1-->>p0: 2. 09:00:00.009 486 Busy#59; #35;1 #lt;b#gt;&end (INVITE)
     "
    `);
  });

  test('stays within the limits of renderers, and reports what is omitted', () => {
    const many = Array.from({ length: 2000 }, (_, i) =>
      say(i * 10, 'a>b', 'INFO', { toTag: 't', cseq: `${i} INFO`, branch: `z9hG4bK${i}` }),
    );
    const { text, leftOut } = mermaid(ladder(many), UTC);
    expect(text.length).toBeLessThan(50_000);
    expect(leftOut).toBeGreaterThan(0);
    expect(text).toContain(`${leftOut} more messages are not shown`);
  });

  test('legs are bands; retransmissions and a missing ACK have arrows of their own', () => {
    const b = answered(3000, 63_000, { callId: 'b' }).map((message) => ({ ...message, capturedAt: message.capturedAt + 64e6 }));
    const { text } = mermaid(ladder([...answered().filter(({ sip }) => sip!.method !== 'ACK'), ...b]), UTC);
    expect(text.match(/^ {2}rect /gm)).toHaveLength(2);
    expect(text.match(/^ {2}end$/gm)).toHaveLength(2);
    expect(text).toMatch(/p1--xp0: 4\./);
  });
});

describe('SVG', () => {
  test('text is escaped, messages are groups, the output is well-formed', () => {
    const svg = ladderSvg(hostile(), HOSTILE, UTC);
    expect(svg).not.toContain('<script');
    // eslint-disable-next-line no-control-regex
    expect(svg).not.toMatch(/[\u0000-\u0008\u202e]/);
    expect(svg).toContain('<g id="m2"');
    expect(svg).toMatch(/^<svg [^>]*viewBox="0 0 \d+ \d+" width="\d+" height="\d+" role="img"/);
    expect(tagsBalance(svg)).toBe(true);
  });
});

test('a label is cut between characters, and has room for wide ones', () => {
  const found = ladder([say(0, 'b>a', `486 ${'😀'.repeat(20)} ${'長'.repeat(60)}`, { toTag: 't' })]);
  for (const picture of [ladderSvg(found, '', UTC), ladderHtml(found, '', UTC, '')]) {
    const fitted = picture.match(/>486 (😀+)…</u)![1];
    expect([...fitted].length).toBeLessThan(12);
  }
  expect(mermaid(found, UTC).text).toMatch(/長…\n$/);
});

describe('HTML', () => {
  test('no part of a message becomes markup or script, and only the embedded script may run', () => {
    const page = ladderHtml(hostile(), HOSTILE, UTC, '');
    expect(page.match(/<script/g)).toHaveLength(2);
    expect(page.match(/<\/script>/g)).toHaveLength(2);
    expect(page).not.toContain('<!--');
    expect(page).toMatch(/default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-[\w+/=]+'/);
    expect(page).not.toMatch(/\son\w+=/);
    expect(page).not.toMatch(/(?:src|href)=/);
  });
});

describe('retransmissions', () => {
  const invite = say(0, 'a>b', 'INVITE', { body: SDP });
  const twice = [invite, { ...invite, capturedAt: invite.capturedAt + 500_000 }];
  const pictures = (messages: readonly Message[], unfold: boolean) => {
    const found = ladder(messages, { unfold });
    return [mermaid(found, UTC).text, ladderSvg(found, '', UTC), ladderHtml(found, '', UTC, '')];
  };

  test('are counted in every picture, unless each has its own row', () => {
    for (const picture of pictures(twice, false)) expect(picture).toContain('INVITE (sdp) ×2');
    for (const picture of pictures(twice, true)) expect(picture).not.toContain('×');
  });

  test('are counted after a label that is shortened', () => {
    const reply = say(0, 'b>a', '488 Not Acceptable Here, at all', { toTag: 't' });
    const [, svg, html] = pictures([reply, { ...reply, capturedAt: reply.capturedAt + 500_000 }], false);
    for (const picture of [svg, html]) expect(picture).toMatch(/>488 Not Acceptabl[e ]*… ×2</);
  });
});

test('JSON has the messages with everything that was detected', () => {
  const invite = say(0, 'a>b', 'INVITE', { body: SDP });
  const json = ladderJson(ladder([invite, { ...invite, capturedAt: invite.capturedAt + 500_000 }], { unfold: true })) as {
    messages: object[];
  };
  expect(json).toMatchObject({
    participants: [{ id: 0, label: '10.0.0.1' }, { id: 1 }],
    legs: [{ callid: 'one@a.example', guess: false }],
    partial: null,
  });
  expect(json.messages).toMatchObject([
    { n: 1, from: 0, to: 1, delta_us: 0, times: 2, retransmission_of: null, sdp: 'audio 10.0.0.1:4000 PCMA,PCMU', label: 'INVITE (sdp)' },
    { n: 2, delta_us: 500_000, retransmission_of: 1 },
  ]);
});

test('a call of 600 messages is drawn quickly', () => {
  const many = Array.from({ length: 600 }, (_, i) => say(i * 10, 'a>b', 'INFO', { toTag: 't', cseq: `${i} INFO`, branch: `z9hG4bK${i}` }));
  const lines = text(many, { width: 100 });
  expect(lines.length).toBe(600 + 15 * 2);
});
