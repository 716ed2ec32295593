/** Small captures of known faults, each with the messages that are right: see the table beside them. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { accountingErrors } from '../../src/lib/base/index.js';
import { readMessages } from './read-messages.js';
import { captures } from './tshark-rows.js';

const folder = join(captures, 'faults');
/** Kinds that do not lie in streams, fragments and framing: link types and layers, and HEP edited in a capture. */
const ELSEWHERE = /^(nflog|ppp9|pflog|erf-|erspan3|vntag|l2tp|esp|hepedit|r_sdp|opts|cmid|rot_|tcp_reverse)/;
/** Messages that come cut beside those that are counted, by file. */
const CUT: Record<string, number> = {
  'tcp_big_notify_one_segment_lost.pcap': 1,
  'bigbody-lost.pcap': 1,
  'tcp_gap_sip_text_in_body.pcap': 1,
};

if (!existsSync(folder)) {
  test.skip('the shared captures are absent: no captures of faults to read', () => {});
} else {
  const rows = readFileSync(join(folder, 'faults.tsv'), 'latin1')
    .split('\n')
    .slice(1)
    .map((line) => line.split('\t'))
    .filter(([file, flags, expected]) => /\.pcap/.test(file) && flags === '' && expected !== '' && !ELSEWHERE.test(file));

  describe('captures of faults', () => {
    test('are there', () => expect(rows.length).toBeGreaterThan(15));

    test.each(rows)('%s: %s%s', async (file, _flags, expected) => {
      const { messages, ledger } = await readMessages([join(folder, file)]);
      const cut = messages.filter(({ payload, sip }) => sip!.bodyAt + Math.max(0, sip!.contentLength) > payload.length);
      const whole = messages.filter((message) => !cut.includes(message));
      if (expected.startsWith('#')) expect(messages.length - (CUT[file] ?? 0)).toBe(Number(expected.slice(1)));
      else if (expected.startsWith('method ')) {
        expect(messages.length).toBeGreaterThan(1);
        expect(new Set(messages.map(({ sip }) => sip!.method))).toEqual(new Set([expected.slice(7)]));
      } else expect(whole.map(({ sip }) => sip!.callId)).toEqual(expected.split(' '));
      if (CUT[file] !== undefined) expect(cut.length).toBe(CUT[file]);
      expect(accountingErrors(ledger, [])).toEqual([]);
    });
  });
}
