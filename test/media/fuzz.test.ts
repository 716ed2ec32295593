/** Any input: no exception, no value out of range, memory within limits. */
import { expect, test } from '@jest/globals';
import { seeded } from '../rigs/random.js';
import { FORTH, START, answeredCall, datagram, rtp } from '../rigs/rtp.js';
import { follow } from './rig.js';

test('random, damaged and forged packets', () => {
  for (let seed = 1; seed <= 30; seed++) {
    const random = seeded(seed);
    const below = (limit: number) => Math.floor(random() * limit);
    const frames = [...answeredCall()];
    let at = START + 1e6;
    for (let i = 0; i < 400; i++) {
      at += below(3) === 0 ? below(200_000_000) : 20_000;
      const payload = Buffer.alloc(below(60), below(256));
      const timestamp = below(4) === 0 ? below(2 ** 32) : i * 160;
      const sequence = below(5) === 0 ? below(65_536) : i;
      const bytes = rtp({ sequence, timestamp, ssrc: below(3), type: [8, 8, 101, 13, 96, 127][below(6)], payload });
      for (let damage = below(4); damage > 0; damage--) bytes[below(bytes.length)] = below(256);
      frames.push(datagram(FORTH, bytes.subarray(0, below(8) === 0 ? below(bytes.length + 1) : bytes.length), at));
    }
    const { streams, watch, ledger } = follow(frames, { guess: true, limits: { maxStreams: 8, maxUnknown: 4 } });
    expect(watch.size).toBeLessThanOrEqual(8);
    expect(ledger.received).toBe(ledger.without.total() + ledger.part + ledger.complete);
    for (const report of streams) {
      expect({ seed, ...report }).toMatchObject({ lost: report.expected - report.packets });
      expect(report.lost).toBeGreaterThanOrEqual(0);
      expect(report.lossPercent).toBeLessThanOrEqual(100);
      for (const number of [report.maxDeltaMs, report.jitterMs ?? 0, report.maxJitterMs ?? 0, report.silenceMs])
        expect(number).toBeGreaterThanOrEqual(0);
      if (report.mos !== null) expect(report.mos >= 1 && report.mos <= 4.5).toBe(true);
      expect(() => JSON.stringify(report)).not.toThrow();
    }
  }
});
