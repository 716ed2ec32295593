/**
 * RTP of calls as sngrep shows it beside the ladder, driven in a terminal of tmux: it counts packets by direction and format,
 * repeated ones too, so the packets of a call together are compared. Skipped where sngrep or tmux is not installed.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { MediaWatch } from '../../src/lib/extract/media-watch.js';
import { readMessages } from '../oracle/read-messages.js';
import { captures } from '../oracle/tshark-rows.js';

const has = (program: string) => spawnSync('which', [program]).status === 0;
const missing = [
  ...['sngrep', 'tmux'].filter((program) => !has(program)).map((program) => `${program} is not installed`),
  ...(existsSync(captures) ? [] : ['no shared captures']),
];

const FILES = [
  'sip-udp-g711.pcap',
  'sip-udp-g729a.pcap',
  'sip-tcp-call.pcap',
  'sip-udp-rtcp-call.pcap',
  'sip-udp-flow-2.pcapng',
  'sip-udp-flow-3.pcapng',
  'sip-udp-lab09.pcap',
  'sip-udp-magicjack.pcap',
  'sip-udp-rtcp-honeynet4.pcap',
  'sip-udp-reinvite.pcap',
  'sip-udp-codec-negotiation.pcap',
  'sip-udp-zrtp-asterisk.pcap',
];

const socket = `sipcap-test-${process.pid}`;
const tmux = (...args: string[]) => spawnSync('tmux', ['-L', socket, '-f', '/dev/null', ...args], { encoding: 'utf8' }).stdout;
const pause = (ms: number) => new Promise((resume) => setTimeout(resume, ms));

async function shown(until: (screen: string) => boolean): Promise<string> {
  let screen = '';
  for (let tries = 0; tries < 100; tries++) {
    screen = tmux('capture-pane', '-p');
    if (until(screen)) break;
    await pause(100);
  }
  return screen;
}

/** The call that its list begins with, and the packets of all its streams. */
async function sngrep(file: string, isWhole: (callId: string, packets: number) => boolean): Promise<[callId: string, packets: number]> {
  tmux('new-session', '-d', '-x', '250', '-y', '200', `sngrep -r -c -I '${join(captures, 'files', file)}'`);
  const callIdOf = (screen: string) => /Call flow for (\S+)/.exec(screen)?.[1] ?? '';
  const packetsOf = (screen: string) => [...screen.matchAll(/RTP \([^)]*\) (\d+)/g)].reduce((sum, [, count]) => sum + Number(count), 0);
  try {
    await shown((screen) => screen.includes('INVITE'));
    tmux('send-keys', 'Enter');
    await shown((screen) => callIdOf(screen) !== '');
    tmux('send-keys', 'F3');
    const screen = await shown((text) => isWhole(callIdOf(text), packetsOf(text)));
    return [callIdOf(screen), packetsOf(screen)];
  } finally {
    tmux('kill-server');
  }
}

(missing.length === 0 ? describe : describe.skip)(`RTP as sngrep counts it${missing.map((why) => ` (${why})`).join('')}`, () => {
  test.each(FILES)(
    '%s',
    async (file) => {
      const watch = new MediaWatch({ guess: false });
      await readMessages([join(captures, 'files', file)], { media: watch });
      const ours = (callId: string) => watch.reportsOf(callId).reduce((sum, { packets, duplicates }) => sum + packets + duplicates, 0);
      const [callId, theirs] = await sngrep(file, (shownId, packets) => shownId !== '' && packets === ours(shownId));
      expect([callId, theirs]).toEqual([callId, ours(callId)]);
      expect(theirs).toBeGreaterThan(0);
    },
    60_000,
  );
});
