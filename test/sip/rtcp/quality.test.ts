import { describe, expect, test } from '@jest/globals';
import { impairmentOf, mosOf, qualityOf, rFactor } from '../../../src/lib/sip/rtcp/quality.js';
import { RoundTrips } from '../../../src/lib/sip/rtcp/round-trip.js';
import { decodeRtcp } from '../../../src/lib/sip/rtcp/compound.js';
import { plainBlock, receiverReport, senderReport } from '../../rigs/rtcp.js';

describe('the E-model', () => {
  // Worked out by hand from the formulas of G.107 and the values of G.113.
  test.each([
    ['nothing wrong', 0, 0, 'PCMU', 93.2],
    ['delay up to 100 ms costs nothing', 0, 100, 'PCMA', 93.2],
    ['200 ms', 0, 200, 'PCMA', 90.16],
    ['400 ms', 0, 400, 'PCMA', 69.13],
    ['1 % lost of G.711', 1, 0, 'PCMU', 89.56],
    ['20 % lost of G.711', 20, 0, 'PCMU', 51.07],
    ['G.729', 0, 0, 'G729', 82.2],
    ['G.729, 2 % lost', 2, 0, 'g729', 74.2],
    ['G.723.1', 0, 0, 'G723', 78.2],
    ['a codec that is not in the table counts as G.711', 1, 0, 'constructor', 89.56],
    ['Opus, by an estimate', 1, 0, 'opus', 88.68],
  ])('%s', (_caption, loss, delay, codec, expected) => expect(rFactor(loss, delay, codec)).toBeCloseTo(expected, 1));

  test('bursts weigh more than the same losses one by one', () => {
    expect(rFactor(5, 0, 'PCMA')).toBeCloseTo(77.42, 1);
    expect(rFactor(5, 0, 'PCMA', 3)).toBeCloseTo(75.45, 1);
    expect(rFactor(5, 0, 'PCMA', 0.2)).toBe(rFactor(5, 0, 'PCMA'));
  });

  test('published and estimated values', () => {
    expect(impairmentOf('g729')).toEqual({ equipment: 11, robustness: 19, isEstimate: false });
    expect(impairmentOf('AMR-WB')?.isEstimate).toBe(true);
    expect(impairmentOf('H264')).toBeNull();
  });

  test('total loss and extreme delays stay within the scale', () => {
    expect(rFactor(100, 1e9, 'G723')).toBe(0);
    expect(rFactor(0, 1e9, 'PCMU')).toBeGreaterThanOrEqual(0);
  });

  test.each([
    [-5, 1],
    [0, 1],
    [5, 1],
    [50, 2.58],
    [60, 3.1],
    [70, 3.6],
    [80, 4.03],
    [90, 4.34],
    [93.2, 4.41],
    [100, 4.5],
    [120, 4.5],
  ])('R %d is MOS %d', (r, mos) => expect(mosOf(r)).toBeCloseTo(mos, 1));

  test('a report block: loss in 1/256, half the round trip, a packet, twice the jitter', () => {
    expect(qualityOf({ fractionLost: 0 }, null, null, 'PCMA')).toEqual({ rFactor: 93.2, mos: 4.41 });
    expect(qualityOf({ fractionLost: 64 }, 10, 100, 'PCMA')).toEqual({ rFactor: 45.8, mos: 2.36 });
    // 150 + 20 + 30 = 200 ms.
    expect(qualityOf({ fractionLost: 0 }, 15, 300, 'PCMA').rFactor).toBeCloseTo(90.2, 1);
  });
});

describe('round trips', () => {
  const sentAt = 1_700_000_000_000_000;
  const report = senderReport(0x11223344, 0xe0001234, 0x56789abc);
  const middle = 0x12345678;
  const roundTrips = new RoundTrips(2);
  roundTrips.note(decodeRtcp(report, 0, report.length), sentAt);

  test('the time between the reports, minus the delay at the receiver', () => {
    const block = { ...plainBlock, lastSr: middle, delaySinceLastSr: 65_536 / 2 };
    expect(roundTrips.milliseconds(block, sentAt + 540_000)).toBeCloseTo(40, 6);
    expect(roundTrips.milliseconds(block, sentAt + 499_500)).toBe(0);
  });

  test.each([
    ['no sender report yet', { ...plainBlock, lastSr: 0 }, 0],
    ['one that did not pass here', { ...plainBlock, lastSr: middle + 1 }, 0],
    ['one of another source', { ...plainBlock, source: 1, lastSr: middle }, 0],
    ['a delay longer than the time', { ...plainBlock, lastSr: middle, delaySinceLastSr: 65_536 * 9 }, 1_000_000],
    ['an hour', { ...plainBlock, lastSr: middle, delaySinceLastSr: 0 }, 3_600_000_000],
  ])('%s: unknown', (_caption, block, later) => expect(roundTrips.milliseconds(block, sentAt + later)).toBeNull());

  test('a repeated report does not count; the oldest is evicted', () => {
    roundTrips.note(decodeRtcp(report, 0, report.length), sentAt + 5000);
    const block = { ...plainBlock, lastSr: middle, delaySinceLastSr: 0 };
    expect(roundTrips.milliseconds(block, sentAt + 10_000)).toBe(10);
    roundTrips.noteSender(2, 1, 0, 0);
    roundTrips.noteSender(3, 1, 0, 0);
    expect(roundTrips.milliseconds(block, sentAt + 10_000)).toBeNull();
  });

  test('receiver reports and reports without a time are not stored', () => {
    const empty = new RoundTrips();
    const rr = receiverReport(7, [plainBlock]);
    empty.note(decodeRtcp(rr, 0, rr.length), sentAt);
    empty.noteSender(7, 0, 0, sentAt);
    expect(empty.milliseconds({ ...plainBlock, source: 7, lastSr: 0 }, sentAt)).toBeNull();
  });
});
