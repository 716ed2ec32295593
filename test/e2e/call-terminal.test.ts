/** Live calls on a real terminal: the list and the ladder are redrawn in place, and fit it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { columnsOf } from '../../src/lib/base/index.js';
import { answered } from '../calls/rig.js';
import { captureOf } from '../rigs/capture-of.js';
import { sendCalls } from '../rigs/send-calls.js';
import { until } from '../rigs/sipcap.js';
import { closeTerminals, hasTerminal, onTerminal, plain, type Terminal } from '../rigs/terminal.js';

const env = { TZ: 'UTC' };
afterAll(closeTerminals);

async function portOf(terminal: Terminal): Promise<number> {
  await until(() => /listening on \S+:(\d+),/.test(terminal.printed()), `the listener: ${terminal.printed()}`, 60_000);
  return Number(/listening on \S+:(\d+),/.exec(terminal.printed())![1]);
}

const lastOf = (terminal: Terminal) => terminal.screens().at(-1) ?? '';

(hasTerminal ? describe : describe.skip)('on a terminal', () => {
  test('call list shows open calls, then ended ones, never larger than the screen', async () => {
    const terminal = onTerminal(['call', 'list', '--hep-listen', 'hep_udp:127.0.0.1:0'], { columns: 105, rows: 12 }, env);
    const port = await portOf(terminal);
    const call = answered(100, 200, { callId: 'first-call@a.example' });
    await sendCalls(call.slice(0, 3), port);
    await until(() => lastOf(terminal).startsWith('1 open, 0 over\n'), 'the open call', 60_000);
    expect(lastOf(terminal).split('\n').slice(1, 3)).toEqual([
      expect.stringMatching(/^start +state +from +to +st +setup s +talk s +msgs +Call-ID$/),
      expect.stringMatching(/^\d\d:\d\d:\d\d +ringing +ann +ben +3 +first-call@a\.example$/),
    ]);
    await sendCalls(call.slice(3), port);
    for (let i = 0; i < 20; i++) await sendCalls(answered(100, 200, { callId: `more-${i}@a.example` }).slice(0, 3), port);
    await until(() => lastOf(terminal).startsWith('20 open, 1 over\n'), 'a call that is over', 60_000);
    for (const screen of terminal.screens()) {
      const lines = screen.trimEnd().split('\n');
      expect(lines.length).toBeLessThanOrEqual(11);
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(105);
    }
    terminal.resize(190);
    await until(() => /MOS +node +flags/.test(lastOf(terminal)), 'the columns of a wider terminal', 60_000);
    expect(lastOf(terminal)).toMatch(/ringing +ann +ben .* 7 .*more-19@a\.example/);
    terminal.type('\u0003');
    expect(await terminal.ended).toEqual({ code: 0 });
    // What is left on the screen: every call, as lines.
    expect(lastOf(terminal)).toMatch(/ended +ann .*first-call/);
    expect(lastOf(terminal).match(/more-\d+@/g)).toHaveLength(20);
  }, 180_000);

  test('call show --follow redraws the ladder with each message, and ends with the call', async () => {
    const terminal = onTerminal(
      ['call', 'show', 'live-1', '--follow', '--hep-listen', 'hep_udp:127.0.0.1:0'],
      { columns: 90, rows: 40 },
      env,
    );
    const port = await portOf(terminal);
    const call = answered(100, 200, { callId: 'live-1' });
    await sendCalls(call.slice(0, 2), port);
    await until(() => lastOf(terminal).includes('100 Trying'), 'the first messages', 60_000);
    expect(lastOf(terminal)).not.toContain('180 Ringing');
    await sendCalls(call.slice(2), port);
    expect(await terminal.ended).toEqual({ code: 0 });
    expect(lastOf(terminal).match(/[▶◀]/g)).toHaveLength(7);
    for (const line of lastOf(terminal).split('\n')) expect(line.length).toBeLessThanOrEqual(90);
    // In colour, on a terminal.
    expect(terminal.printed()).toContain('\u001b[3');
  }, 180_000);

  test('a table of wide characters fits as well, its columns in line', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sipcap-wide-'));
    const users = ['山田太郎', '😀'.repeat(9), 'e\u0301'.repeat(9), '長い'.repeat(20), 'ann'];
    const calls = users.map((user, i) => answered(100, 200, { callId: `${user}-${i}`, from: `sip:${user}@a.example` }));
    writeFileSync(join(folder, 'wide.pcap'), captureOf(calls.flat()));
    for (const columns of [60, 80, 120]) {
      const terminal = onTerminal(['call', 'list', '-r', join(folder, 'wide.pcap')], { columns }, env);
      expect(await terminal.ended).toEqual({ code: 0 });
      const lines = plain(terminal.printed())
        .split('\n')
        .filter((line) => / ben /.test(line));
      expect(lines).toHaveLength(users.length);
      expect(new Set(lines.map((line) => columnsOf(line.slice(0, line.indexOf(' ben '))))).size).toBe(1);
      for (const line of lines) expect([columns, columnsOf(line) <= columns, line]).toEqual([columns, true, line]);
      expect(lines.join('')).not.toContain('\ufffd');
    }
    rmSync(folder, { recursive: true });
  }, 120_000);

  test('the table of a file fits the width of the terminal', async () => {
    for (const columns of [45, 70, 120, 190]) {
      const terminal = onTerminal(['call', 'list', '-r', 'samples/sample.pcap'], { columns }, env);
      expect(await terminal.ended).toEqual({ code: 0 });
      const lines = plain(terminal.printed()).split('\n').slice(1);
      expect(lines.join('\n')).toMatch(/ended +alice/);
      for (const line of lines) expect([columns, line.length <= columns, line]).toEqual([columns, true, line]);
    }
  }, 120_000);
});
