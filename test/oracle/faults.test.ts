/** Small captures of known faults, each with the messages that are right: see the table beside them. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import {
  AddressTextCache,
  PAYLOAD_RTCP,
  accountingErrors,
  isFault,
  silentLog,
  type Message,
  type SipFields,
} from '../../src/lib/base/index.js';
import { RtcpWatch } from '../../src/lib/extract/rtcp-extractor.js';
import { HepDecoder } from '../../src/lib/hep/index.js';
import { CaptureFileSink } from '../../src/lib/sink/capture-file/capture-file-sink.js';
import { parseSip } from '../../src/lib/sip/index.js';
import { shape } from '../fuzz/fuzzers.js';
import { PEER } from '../rigs/hep-packets.js';
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
    test('are present', () => expect(rows.length).toBeGreaterThan(15));

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

  describe('captures of faults with options', () => {
    test('hepedit_gz.pcap: HEP compressed as a whole', async () => {
      const { messages } = await readMessages([join(folder, 'hepedit_gz.pcap')], { parseHep: true });
      expect(messages.map(({ sip }) => sip!.callId)).toEqual(['small@x']);
    });

    test('r_sdp_leading_crlf.pcap: the RTCP finds its call', async () => {
      const { messages } = await readMessages([join(folder, 'r_sdp_leading_crlf.pcap')], { rtcp: new RtcpWatch() });
      const reports = messages.filter(({ payloadType }) => payloadType === PAYLOAD_RTCP);
      expect(reports.length).toBeGreaterThan(0);
      for (const { correlationId } of reports) expect(correlationId).not.toBe('');
    });

    test.each(['tcp_reverse.pcap', 'ws_deflate_takeover.pcap', 'tcp_snaplen_200.pcap', 'frag_last_lost.pcap'])(
      '%s: the written file has ascending times and reads back the same',
      async (file) => {
        const source = await readMessages([join(folder, file)], { keepFrames: true });
        const place = mkdtempSync(join(tmpdir(), 'sipcap-fault-'));
        try {
          const path = join(place, 'w.pcap');
          const sink = new CaptureFileSink({ path, stdout: new PassThrough(), log: silentLog, onClosed: () => {} });
          for (const message of source.messages) sink.accept(message);
          await sink.close();
          const times: number[] = [];
          const read = await readMessages([path], {}, (frame) => times.push(frame.capturedAt));
          expect(times).toEqual([...times].sort((a, b) => a - b));
          expect(read.messages.map(shape)).toEqual(source.messages.map(shape));
          expect(read.messages.length).toBeGreaterThan(0);
        } finally {
          rmSync(place, { recursive: true });
        }
      },
    );

    test.each([
      ['hep_capid_u16.hep', false],
      ['hep_zero_len_01.hep', false],
      ['hep_payload_runs_past.hep', true],
    ])('%s', (file, isCut) => {
      const one = new HepDecoder({ addressTexts: new AddressTextCache() });
      const bytes = readFileSync(join(folder, file));
      const message = one.decode(bytes, 0, bytes.length, 1.8e15, PEER) as Message;
      const sip = parseSip(message.payload) as SipFields;
      expect(sip.callId).toBe('c1@example.com');
      expect([message.sourceAddress, message.destinationAddress]).not.toContain('');
      expect(one.counters.get('cut') > 0).toBe(isCut);
      if (file === 'hep_capid_u16.hep') expect([message.captureId, one.counters.get('bad_chunk_size')]).toEqual([-1, 1]);
    });

    test('quad.hep: a million short lines take milliseconds', () => {
      const bytes = readFileSync(join(folder, 'quad.hep'));
      let best = Infinity;
      for (let round = 0; round < 10; round++) {
        const before = process.cpuUsage();
        const message = new HepDecoder({ addressTexts: new AddressTextCache() }).decode(bytes, 0, bytes.length, 1.8e15, PEER);
        if (!isFault(message)) parseSip(message.payload);
        const { user, system } = process.cpuUsage(before);
        best = Math.min(best, (user + system) / 1000);
      }
      expect(best).toBeLessThan(40);
    });
  });
}
