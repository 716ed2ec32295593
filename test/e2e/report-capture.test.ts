/** RTCP of real captures as reports, as tshark reads it. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { pcapFile, sipMessages } from '../../bench/corpus.mjs';
import { killAll, root, sipcap, summary, temporaryFolder } from '../rigs/sipcap.js';

const folder = temporaryFolder();

const at = (name: string) => join(folder.path, name);

const captures = resolve(root, '../shared/captures/files');

const hasCaptures = existsSync(captures) && spawnSync('tshark', ['--version']).status === 0;

afterAll(() => {
  killAll();
  folder.remove();
});

(hasCaptures ? describe : describe.skip)('the same RTCP as tshark (skipped where the captures are not there)', () => {
  // Left out: datagrams of version 0 that open holes in NAT, and what an ICMP error quotes.
  test.each([
    ['sip-udp-rtcp-call', []],
    ['sip-udp-rtcp-honeynet4', []],
    ['sip-udp-rtcp-real-call', []],
    ['sip-udp-rtcp-sems-voicemail', ['7', '13']],
    ['sip-udp-rtcp-yate', ['14', '19']],
    ['rtcp-rtpproxy-o', []],
    ['rtcp-ipv6-bye-raw', []],
  ] as [string, string[]][])(
    '%s',
    async (name, without) => {
      const path = join(captures, `${name}.pcap`);
      expect(readFileSync(path).length).toBeGreaterThan(0);
      const theirs = spawnSync('tshark', ['-r', path, '-Y', 'rtcp', '-T', 'fields', '-e', 'frame.number'], { encoding: 'utf8' })
        .stdout.trim()
        .split('\n');
      const { stdout } = await sipcap(['capture', 'mirror', '-r', path, '--rtcp', '--format', 'json', '-q']);
      const ours = stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { payload_type: number; frame: number })
        .filter(({ payload_type: type }) => type === 5)
        .map(({ frame }) => String(frame));
      expect(ours).toEqual(theirs.filter((frame) => !without.includes(frame)));
    },
    20_000,
  );
});

test('--rtcp does not change the number of SIP messages in a capture', async () => {
  writeFileSync(at('plain.pcap'), pcapFile(sipMessages(50)) as Buffer);
  const ended = await sipcap(['capture', 'mirror', '-r', at('plain.pcap'), '--rtcp', '--format', 'none', '--summary', 'json']);
  expect(summary(ended).messages).toEqual({ found: 50, filtered: {}, rejected: {}, delivered: 50, lost: {} });
});
