/** An hour of traffic that never completes what it begins (npm run test:long): memory does not grow, and the totals reconcile. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { summary, until } from '../rigs/sipcap.js';
import { options } from '../rigs/messages.js';
import * as make from '../rigs/frames.js';
import { VethPair, pause, whyNot } from '../rigs/namespaces.js';

const MINUTES = Number(process.env.SIPCAP_LONG_MINUTES ?? 60);
const reason = process.env.SIPCAP_LONG === undefined ? 'npm run test:long' : whyNot();
const ROUNDS = 12;
const FRAMES_A_SECOND = 5000;
/** What a collection that is due may add. */
const LEEWAY_MEGABYTES = 40;

/** Whole messages, and for each of them a first fragment and a TCP segment with the beginning of a message, of ever other ends. */
function traffic(round: number): Buffer[] {
  return Array.from({ length: 3000 }, (_, i) => {
    const ends = { source: `127.${round}.${i >>> 8}.${i & 255}`, destination: '127.0.0.2' };
    const message = options(`long-${round}-${i}`, 200);
    switch (i % 3) {
      case 0:
        return make.ipv4(ends, make.udp({}, message));
      case 1:
        return make.ipv4({ ...ends, id: i, more: true, protocol: make.IP_UDP }, make.udp({}, message).subarray(0, 320));
      default:
        return make.ipv4({ ...ends, protocol: make.IP_TCP }, make.tcp({ sequence: i }, message.subarray(0, 200)));
    }
  }).map((packet) => make.ethernet(make.ETHER_IPV4, packet));
}

(reason === '' ? describe : describe.skip)(`an hour of traffic${reason === '' ? '' : ` (${reason})`}`, () => {
  let pair: VethPair;
  beforeAll(() => {
    pair = new VethPair();
  });
  afterAll(() => pair.remove());

  test(
    'memory does not grow',
    async () => {
      const program = pair.sipcap('capture', 'mirror', '-i', pair.near, '--port', '5060', '--summary', 'json', '--format', 'none');
      await until(() => program.logged().includes('capturing on'), 'the capture');
      const resident: number[] = [];
      let sent = 0;
      for (let round = 0; round < ROUNDS; round++) {
        const file = traffic(round);
        const seconds = (MINUTES * 60) / ROUNDS;
        sent += await pair.sendLater(file, { count: Math.round(seconds * FRAMES_A_SECOND), rate: FRAMES_A_SECOND });
        resident.push(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${program.child.pid}/status`, 'latin1'))![1]) / 1024);
      }
      await pause(1000);
      program.child.kill('SIGINT');
      const reported = summary(await program.ended);
      process.stdout.write(`resident megabytes: ${resident.map((each) => each.toFixed(0)).join(' ')}\n`);
      expect(reported.frames.received + reported.frames.dropped.kernel).toBe(sent);
      expect(reported.accounting_errors).toEqual([]);
      expect(Math.max(...resident.slice(ROUNDS / 2))).toBeLessThan(Math.max(...resident.slice(1, ROUNDS / 2)) + LEEWAY_MEGABYTES);
    },
    MINUTES * 60_000 + 120_000,
  );
});
