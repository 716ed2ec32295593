/** Mermaid's own parser accepts every generated diagram, whatever text is in messages. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import type { Message } from '../../src/lib/base/index.js';
import { Zone } from '../../src/lib/base/time/index.js';
import { Names, buildLadder, mermaid } from '../../src/lib/calls/index.js';
import { summaries } from '../../src/lib/service/call/show/find-calls.js';
import { readMessages } from '../oracle/read-messages.js';
import { SDP, answered, say } from './rig.js';

const captures = resolve(import.meta.dirname, '../../../shared/captures/files');
const UTC = new Zone('UTC');

function diagram(messages: readonly Message[], names: Names | null = null, unfold = false): string {
  const calls = summaries(messages);
  const legs = [...new Set(calls.map(({ callId }) => callId))].map((callId) => ({
    callId,
    why: 'X-CID',
    value: 'x',
    guess: false,
    base: '',
  }));
  return mermaid(buildLadder({ messages, calls, legs, partial: '' }, { by: 'auto', names, unfold }), UTC).text;
}

function parsed(diagrams: readonly string[]): string[] {
  const { stdout, stderr } = spawnSync(process.execPath, [resolve(import.meta.dirname, '../oracle/mermaid-parser.mjs')], {
    input: JSON.stringify(diagrams),
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as string[];
}

const HOSTILE = [
  'end',
  '; end',
  '%% comment',
  '%%{init: {"theme": "dark", "logLevel": 1}}%%',
  '%%{ wrap }%%',
  '#quot; #35; #',
  '<script>alert(1)</script>',
  'as participant p9',
  'note over p0: x',
  '->> p1: x',
  '@{ "type": "database" }',
  '"quoted", \'single\', `back`',
  'a:b::c',
  'links p0: {"x": "y"}',
  '```',
  'wrap:x',
  'title: x',
  '---',
  'ünïcödé 世界 🙂',
  '\\n \\u0000 $$x^2$$',
];

test('hostile text in reasons, users, names, headers and session descriptions', () => {
  const ofWords = HOSTILE.map((words) =>
    diagram(
      [
        say(0, 'a>b', 'INVITE', { headers: [`Reason: SIP;text="${words}"`], body: SDP.replace('s=-', `s=${words}`) }),
        say(10, 'b>a', `404 ${words}`, { toTag: 't' }),
        say(9000, 'a>a', `REFER`, { toTag: 't', headers: [`Refer-To: <sip:${words}@x>`] }),
      ],
      new Names(words.startsWith('#') ? '' : `10.0.0.1 ${words}\n10.0.0.2 ${words} b`, 'names'),
    ),
  );
  expect(parsed(ofWords)).toEqual(HOSTILE.map(() => 'sequence'));
  // Nothing of it is lost to a comment or a directive.
  for (const text of ofWords) expect(text).not.toMatch(/%|@\{/);
});

test('legs, pauses, retransmissions, IPv6, one participant, very long calls', () => {
  const invite = say(0, 'a>b', 'INVITE');
  const long = Array.from({ length: 900 }, (_, i) => say(i * 1000, 'a>b', 'INFO', { cseq: `${i + 1} INFO`, toTag: 't' }));
  expect(
    parsed([
      diagram([...answered(), ...answered(3000, 63_000, { callId: 'b1' }), ...answered(5000, 9000, { callId: 'c1' })]),
      diagram([invite, { ...invite, capturedAt: invite.capturedAt + 500_000 }], null, true),
      diagram([say(0, '[2001:db8::1]:5060>[2001:db8::2]:5080', 'INVITE')]),
      diagram([say(0, 'a>a', 'OPTIONS')]),
      diagram(long),
    ]),
  ).toEqual(new Array(5).fill('sequence'));
});

(existsSync(captures) ? test : test.skip)(
  'every call of the real captures',
  async () => {
    const files = readdirSync(captures).filter((file) => /^sip-(udp|tcp).*\.pcap(ng)?$/.test(file) && !/sipp-branch/.test(file));
    const diagrams: string[] = [];
    for (const file of files) {
      const { messages } = await readMessages([join(captures, file)]);
      const byCall = new Map<string, Message[]>();
      for (const message of messages) {
        const list = byCall.get(message.sip!.callId) ?? [];
        byCall.set(message.sip!.callId, list);
        list.push(message);
      }
      for (const call of [...byCall.values()].slice(0, 20)) diagrams.push(diagram(call));
    }
    expect(diagrams.length).toBeGreaterThan(100);
    expect([...new Set(parsed(diagrams))]).toEqual(['sequence']);
  },
  120_000,
);
