/**
 * HEP as real senders put it on the wire, in every version and over UDP and TCP: each message is extracted completely.
 * Where the sender watched the same calls as the SIP captures hold (sipp's, but for the number of its process)
 * it is the same byte for byte; where a proxy stood between, the message's own Content-Length tells.
 */
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { Message } from '../../src/lib/base/index.js';
import { readMessages } from './read-messages.js';
import { captures, capturesAbsent } from './tshark-rows.js';

/** Capture, HEP version, messages of SIP, of other types, and whether the SIP captures hold the same calls. */
const SENDERS: readonly [string, number, number, number, boolean][] = [
  ['heplify_v3tcp_u1', 3, 360, 0, true],
  ['heplify_v3udp_u1', 3, 360, 0, true],
  ['kamailio_v1_sipudp', 1, 360, 0, false],
  ['kamailio_v2_sipudp', 2, 360, 0, false],
  ['kamailio_v3t_sipudp', 3, 360, 0, false],
  ['kamailio_v3u_sipudp', 3, 360, 0, false],
  ['opensips_v1_sipudp', 1, 520, 0, false],
  ['opensips_v2_sipudp', 2, 520, 0, false],
  ['opensips_v3t_sipudp', 3, 520, 0, false],
  ['opensips_v3u_h6', 3, 130, 30, false],
  ['opensips_v3u_sipudp', 3, 520, 0, false],
  ['sngrep_v2_u1', 2, 180, 0, true],
  ['sngrep_v3_u1', 3, 180, 0, true],
];

/** sipp writes the numbers of its processes into tags, branches and Call-IDs, and takes any free port for media. */
function withoutProcess(message: Message): string {
  return message.payload
    .toString('latin1')
    .replace(/\d+(ua[cs]\d)/g, 'PID$1')
    .replace(/z9hG4bK-\d+-/g, 'z9hG4bK-PID-')
    .replace(/^(Call-ID: \d+|X-CID: aleg-\d+)-\d+@/gm, '$1-PID@')
    .replace(/^m=audio \d+/m, 'm=audio PORT');
}

if (capturesAbsent) {
  test.skip('the shared captures are absent: no real senders to read', () => {});
} else {
  describe('HEP of real senders', () => {
    test.each(SENDERS)('%s', async (name, version, sipCount, otherCount, sameCalls) => {
      const { messages, ledger } = await readMessages([join(captures, 'senders', `${name}.pcap`)], { parseHep: true });
      const sip = messages.filter((message) => message.payloadType === 1);
      expect([sip.length, messages.length - sip.length]).toEqual([sipCount, otherCount]);
      for (const message of sip) {
        expect(message.envelope!.version).toBe(version);
        expect(message.sip!.broken).toEqual([]);
        expect(message.payload.length).toBe(message.sip!.bodyAt + Math.max(message.sip!.contentLength, 0));
        expect(message.sourceAddress).toMatch(/^127\./);
        expect(message.destinationAddress).toMatch(/^127\./);
        expect(new Date(message.capturedAt / 1000).getUTCFullYear()).toBe(2026);
      }
      expect(ledger.rejected.total()).toBe(0);
      if (!sameCalls) return;
      const behind = new Set((await readMessages([join(captures, 'senders', 'sip_udp.pcap')])).messages.map(withoutProcess));
      expect(sip.map(withoutProcess).filter((text) => !behind.has(text))).toEqual([]);
    });
  });
}
