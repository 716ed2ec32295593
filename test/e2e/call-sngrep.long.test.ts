/** Agreement on real captures: our counts of calls with sngrep's. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { indexed } from '../calls/rig.js';
import { readMessages } from '../oracle/read-messages.js';

const captures = resolve(import.meta.dirname, '../../../shared/captures/files');
const isThere = existsSync(captures);
const files = isThere ? readdirSync(captures).filter((file) => /^sip-(udp|tcp).*\.pcap(ng)?$/.test(file) && !/sipp-branch/.test(file)) : [];
const has = (program: string) => spawnSync('which', [program]).status === 0;

/** What sngrep 1.6 counts otherwise, and why. Call-IDs, and those of INVITE dialogs. */
const SNGREP_DIFFERENCES: Record<string, string> = {
  // A message of 64 KiB over TCP is missing.
  'sip-tcp-large-body-null.pcap': 'sngrep 0 0, we 1 1',
  // Port mirroring within GRE is not taken apart.
  'sip-udp-l2gre-mirror-part1.pcapng': 'sngrep 0 0, we 6 3',
  // Messages without Call-ID make a dialog; we count such messages, and group nothing by what is not there.
  'sip-udp-modified-pcap.pcap': 'sngrep 1 1, we 0 0',
  'sip-udp-null-minimal.pcap': 'sngrep 1 1, we 0 0',
  // Damaged requests (from a sender or fuzzer) are missing.
  'sip-udp-digium.pcap': 'sngrep 2 2, we 3 2',
  'sip-udp-fuzzed-bigendian.pcap': 'sngrep 6 3, we 9 4',
  'sip-udp-vlan-fuzzed-d.pcap': 'sngrep 1 0, we 1 1',
};

function sngrepDialogs(file: string, ...flags: string[]): number {
  const { stdout } = spawnSync('sngrep', ['-N', '-F', ...flags, '-I', join(captures, file)], {
    encoding: 'utf8',
    timeout: 30_000,
    env: { ...process.env, TERM: 'xterm' },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return Number([...stdout.matchAll(/Dialog count: (\d+)/g)].at(-1)?.[1] ?? -1);
}

(isThere && has('sngrep') ? describe : describe.skip)('sngrep', () => {
  test('counts the same Call-IDs and INVITE dialogs as we do', async () => {
    const differences: Record<string, string> = {};
    for (const file of files) {
      const { calls } = indexed((await readMessages([join(captures, file)])).messages);
      // A dialog of sngrep begins with a request.
      const begun = calls.filter(({ flags }) => !flags.includes('partial'));
      const all = new Set(begun.map(({ callId }) => callId)).size;
      const invites = new Set(begun.filter(({ kind }) => kind === 'call').map(({ callId }) => callId)).size;
      const theirs = `${sngrepDialogs(file)} ${sngrepDialogs(file, '-c')}`;
      if (theirs !== `${all} ${invites}`) differences[file] = `sngrep ${theirs}, we ${all} ${invites}`;
    }
    expect(differences).toEqual(SNGREP_DIFFERENCES);
  }, 180_000);
});
