/**
 * Agreement on real captures: our counts with those of tshark, and the results from each database with those
 * from the files that were imported into it.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import type { Message } from '../../src/lib/base/index.js';
import { readMessages } from '../oracle/read-messages.js';
import { indexed } from '../calls/rig.js';
import { databaseMakers } from '../rigs/databases.js';
import { killAll, sipcap } from '../rigs/sipcap.js';

const captures = resolve(import.meta.dirname, '../../../shared/captures/files');
const isThere = existsSync(captures);
const files = isThere ? readdirSync(captures).filter((file) => /^sip-(udp|tcp).*\.pcap(ng)?$/.test(file) && !/sipp-branch/.test(file)) : [];
const has = (program: string) => spawnSync('which', [program]).status === 0;

afterAll(() => killAll());

async function messagesOf(file: string): Promise<Message[]> {
  return (await readMessages([join(captures, file)])).messages;
}

/** tshark does not count a retransmitted CANCEL. */
const TSHARK_MISSES: Record<string, number> = { 'sip-udp-wireshark-aaa.pcap': 4 };

(isThere && has('tshark') ? describe : describe.skip)('tshark', () => {
  test.each(['sip-udp-b2bua-asterisk.pcapng', 'sip-udp-wireshark-aaa.pcap', 'sip-udp-rtcp-real-call.pcap', 'sip-udp-voip1b.pcapng'])(
    'counts the messages and retransmissions of %s',
    async (file) => {
      const { calls, index } = indexed(await messagesOf(file));
      const { stdout } = spawnSync('tshark', ['-q', '-z', 'sip,stat', '-r', join(captures, file)], { encoding: 'utf8' });
      const number = (title: string) => Number(new RegExp(`${title}: +(\\d+)`).exec(stdout)![1]);
      const sum = (of: (call: (typeof calls)[number]) => number) => calls.reduce((total, call) => total + of(call), 0);
      expect({
        messages: sum(({ messages, duplicates }) => messages + duplicates) + index.late,
        again: sum(({ retransmissions }) => retransmissions),
      }).toEqual({
        messages: number('Number of SIP messages'),
        again: number('Number of resent SIP messages') + (TSHARK_MISSES[file] ?? 0),
      });
    },
  );
});

(isThere ? describe : describe.skip)('databases', () => {
  const paths = files.map((file) => join(captures, file));
  const env = { TZ: 'UTC' };

  test.each(databaseMakers())(
    '$kind gives the same result as the files',
    async ({ make }) => {
      const database = await make();
      try {
        await sipcap(['capture', 'mirror', '-q', '--rtcp', '-r', ...paths, '--db', database.url], { env });
        const answers = async (...source: string[]) => {
          const { stdout } = await sipcap(['call', 'list', '--format', 'json', ...source], { env });
          return stdout
            .trim()
            .split('\n')
            .map((line) => JSON.parse(line) as Record<string, unknown>)
            .map((call) => JSON.stringify({ ...call, node: '' }))
            .sort();
        };
        const ofFiles = await answers('-r', ...paths);
        expect(ofFiles.length).toBeGreaterThan(100);
        expect(await answers('--db', database.url)).toEqual(ofFiles);
      } finally {
        await database.drop();
      }
    },
    180_000,
  );
});
