import { describe, expect, test } from '@jest/globals';
import { runLengthBits } from '../../../src/lib/sip/rtcp/extended-report.js';
import type { RunLengthBlock } from '../../../src/lib/sip/rtcp/extended-blocks.js';
import { nackedSequences } from '../../../src/lib/sip/rtcp/feedback.js';
import { extendedReport, goodbye, packet, plainBlock, receiverReport, senderReport, sourceDescription, xrBlock } from '../../rigs/rtcp.js';
import { decode, u16, u32, voip } from './decode-rig.js';

describe('packets', () => {
  test('a sender report with a block', () => {
    expect(decode(senderReport(7, 3_900_000_000, 0x80000000, [plainBlock]))).toEqual({
      packets: [
        {
          kind: 'sr',
          ssrc: 7,
          ntpSeconds: 3_900_000_000,
          ntpFraction: 0x80000000,
          rtpTimestamp: 160,
          packets: 50,
          octets: 8000,
          blocks: [plainBlock],
        },
      ],
      fault: null,
    });
  });

  test('the loss is signed', () => {
    const losses = [0, 1, 0x7fffff, -1, -0x800000];
    const report = receiverReport(
      7,
      losses.map((packetsLost) => ({ ...plainBlock, packetsLost })),
    );
    const [rr] = decode(report).packets;
    expect(rr.kind === 'rr' && rr.blocks.map((block) => block.packetsLost)).toEqual(losses);
  });

  test('source description, goodbye, application', () => {
    const bytes = Buffer.concat([
      sourceDescription(7, [
        [1, 'ann@a.example'],
        [6, 'töne'],
        [8, ''],
        [8, '\x03keyvalue'],
        [7, 'nul\0'],
      ]),
      goodbye(7, 'bye now'),
      goodbye(8),
      packet(204, 5, u32(7), Buffer.from('TEST'), Buffer.from([1, 2, 3, 4])),
    ]);
    expect(decode(bytes)).toEqual({
      packets: [
        {
          kind: 'sdes',
          chunks: [
            {
              source: 7,
              items: [
                { type: 1, prefix: '', text: 'ann@a.example' },
                { type: 6, prefix: '', text: 'töne' },
                { type: 8, prefix: '', text: '' },
                { type: 8, prefix: 'key', text: 'value' },
                { type: 7, prefix: '', text: 'nul' },
              ],
            },
          ],
        },
        { kind: 'bye', sources: [7], reason: 'bye now' },
        { kind: 'bye', sources: [8], reason: '' },
        { kind: 'app', subtype: 5, ssrc: 7, name: 'TEST', data: Buffer.from([1, 2, 3, 4]) },
      ],
      fault: null,
    });
  });

  test('a source description without its end', () => {
    expect(decode(packet(202, 1, u32(7), Buffer.from([1, 2, 65, 66])))).toEqual({
      packets: [{ kind: 'sdes', chunks: [{ source: 7, items: [{ type: 1, prefix: '', text: 'AB' }] }] }],
      fault: null,
    });
  });

  test('feedback', () => {
    const nack = packet(205, 1, u32(7), u32(8), u16(65_535), u16(0b1000_0000_0000_0001));
    const remb = packet(206, 15, u32(7), u32(0), Buffer.from('REMB'), Buffer.from([1, 0, 0, 1]), u32(9));
    const { packets } = decode(Buffer.concat([nack, packet(206, 1, u32(7), u32(8)), remb, packet(206, 30, u32(7), u32(8))]));
    expect(packets.map((each) => each.kind === 'feedback' && [each.name, each.ssrc, each.media])).toEqual([
      ['NACK', 7, 8],
      ['PLI', 7, 8],
      ['REMB', 7, 0],
      ['', 7, 8],
    ]);
    expect(packets.map((each) => (each.kind === 'feedback' ? nackedSequences(each) : []))).toEqual([[65_535, 0, 15], [], [], []]);
  });

  test('all block types of RFC 3611, and an unknown one', () => {
    const { packets, fault } = decode(
      extendedReport(
        7,
        xrBlock(1, 0x02, u32(9), u16(10), u16(20), u16(0x4003), u16(0)),
        xrBlock(2, 0, u32(9), u16(65_530), u16(4), u16(0xffff), u16(0x0005)),
        xrBlock(3, 0x01, u32(9), u16(1), u16(3), u32(1000), u32(2000)),
        xrBlock(4, 0, u32(3), u32(4)),
        xrBlock(5, 0, u32(9), u32(5), u32(6), u32(10), u32(7), u32(8)),
        xrBlock(6, 0xe8, u32(9), u16(1), u16(2), u32(3), u32(4), u32(5), u32(6), u32(7), u32(8), Buffer.from([9, 10, 11, 12])),
        xrBlock(6, 0x10, u32(9), u16(1), u16(2), u32(3), u32(4), u32(5), u32(6), u32(7), u32(8), Buffer.from([9, 10, 11, 12])),
        voip,
        xrBlock(29, 3, u32(1)),
      ),
    );
    expect(fault).toBeNull();
    expect(packets).toEqual([
      {
        kind: 'xr',
        ssrc: 7,
        blocks: [
          { blockType: 1, source: 9, thinning: 2, beginSequence: 10, endSequence: 20, chunks: [0x4003] },
          { blockType: 2, source: 9, thinning: 0, beginSequence: 65_530, endSequence: 4, chunks: [0xffff, 0x0005] },
          { blockType: 3, source: 9, thinning: 1, beginSequence: 1, endSequence: 3, times: [1000, 2000] },
          { blockType: 4, ntpSeconds: 3, ntpFraction: 4 },
          {
            blockType: 5,
            entries: [
              { source: 9, lastRr: 5, delaySinceLastRr: 6 },
              { source: 10, lastRr: 7, delaySinceLastRr: 8 },
            ],
          },
          {
            blockType: 6,
            source: 9,
            beginSequence: 1,
            endSequence: 2,
            lost: 3,
            duplicates: 4,
            jitter: { minimum: 5, maximum: 6, mean: 7, deviation: 8 },
            hops: { version: 4, minimum: 9, maximum: 10, mean: 11, deviation: 12 },
          },
          {
            blockType: 6,
            source: 9,
            beginSequence: 1,
            endSequence: 2,
            lost: null,
            duplicates: null,
            jitter: null,
            hops: { version: 6, minimum: 9, maximum: 10, mean: 11, deviation: 12 },
          },
          {
            blockType: 7,
            source: 9,
            lossRate: 1,
            discardRate: 2,
            burstDensity: 3,
            gapDensity: 4,
            burstDuration: 5,
            gapDuration: 6,
            roundTripDelay: 7,
            endSystemDelay: 8,
            signalLevel: -18,
            noiseLevel: -50,
            residualEchoReturnLoss: 55,
            gapMinimum: 16,
            rFactor: 93,
            externalRFactor: 127,
            mosListening: 42,
            mosConversational: 39,
            receiverConfiguration: 0xb0,
            jitterBufferNominal: 40,
            jitterBufferMaximum: 80,
            jitterBufferAbsoluteMaximum: 120,
          },
          { blockType: 29, specific: 3, data: Buffer.from([0, 0, 0, 1]), other: true },
        ],
      },
    ]);
  });

  test('run lengths expanded, up to the end of the range', () => {
    const bits = (chunks: number[], beginSequence: number, endSequence: number, thinning = 0) =>
      runLengthBits({ blockType: 1, source: 1, thinning, beginSequence, endSequence, chunks } satisfies RunLengthBlock)
        .map(Number)
        .join('');
    expect(bits([0x4003, 0x0002, 0x4001], 0, 6)).toBe('111001');
    expect(bits([0xaaaa], 0, 20)).toBe('010101010101010');
    expect(bits([0x4100], 65_530, 4)).toBe('1111111111');
    expect(bits([0x4100], 0, 16, 2)).toBe('1111');
    expect(bits([0x4100], 5, 5)).toBe('');
  });

  test('padding of the last packet', () => {
    const bytes = Buffer.concat([Buffer.from([0xa1, 203, 0, 2]), u32(7), Buffer.from([0, 0, 0, 4])]);
    expect(decode(bytes)).toEqual({ packets: [{ kind: 'bye', sources: [7], reason: '' }], fault: null });
  });

  test('an unknown packet type, and the packets after it', () => {
    expect(decode(Buffer.concat([packet(195, 2, u32(1), u32(2)), goodbye(7)])).packets.map((each) => each.kind)).toEqual(['other', 'bye']);
  });
});
