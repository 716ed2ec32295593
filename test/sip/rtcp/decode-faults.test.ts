/** Damaged RTCP, and the detection of RTCP. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decodeRtcp, looksLikeRtcp } from '../../../src/lib/sip/rtcp/compound.js';
import { runLengthBits } from '../../../src/lib/sip/rtcp/extended-report.js';
import { extendedReport, goodbye, packet, plainBlock, receiverReport, senderReport, sourceDescription, xrBlock } from '../../rigs/rtcp.js';
import { decode, u16, u32, voip } from './decode-rig.js';

describe('faults', () => {
  const report = senderReport(7, 1, 2, [plainBlock]);

  test.each([
    ['nothing', Buffer.alloc(0), 'too_short', 'rtcp'],
    ['half a header', Buffer.from([0x80, 200]), 'too_short', 'rtcp'],
    ['another version', Buffer.from([0x40, 200, 0, 0]), 'bad_version', 'rtcp'],
    ['a type that is none', Buffer.from([0x80, 8, 0, 0]), 'unknown_protocol', 'rtcp'],
    ['a report cut off', report.subarray(0, 40), 'truncated', 'rtcp'],
    ['a report of more blocks than there are', Buffer.concat([Buffer.from([0x82]), report.subarray(1)]), 'too_short', 'rtcp sr'],
    ['a receiver report without SSRC', packet(201, 0), 'too_short', 'rtcp rr'],
    ['an item beyond the end', packet(202, 1, u32(7), Buffer.from([1, 9, 65, 0])), 'truncated', 'rtcp sdes item'],
    ['fewer chunks than said', packet(202, 2, u32(7), Buffer.from([0, 0, 0, 0])), 'too_short', 'rtcp sdes'],
    ['fewer chunks, and no end', packet(202, 2, u32(7), Buffer.from([1, 2, 65, 66])), 'too_short', 'rtcp sdes'],
    ['fewer sources than said', packet(203, 2, u32(7)), 'too_short', 'rtcp bye'],
    ['a reason beyond the end', packet(203, 1, u32(7), Buffer.from([9, 65, 66, 67])), 'truncated', 'rtcp bye reason'],
    ['an application without name', packet(204, 0, u32(7)), 'too_short', 'rtcp app'],
    ['feedback without media', packet(205, 1, u32(7)), 'too_short', 'rtcp feedback'],
    ['REMB without its rate', packet(206, 15, u32(7), u32(0), Buffer.from('REMB')), 'too_short', 'rtcp remb'],
    ['an extended report without SSRC', packet(207, 0), 'too_short', 'rtcp xr'],
    ['a block beyond the end', extendedReport(7, Buffer.from([4, 0, 0, 9])), 'truncated', 'rtcp xr block'],
    ['VoIP metrics too short', extendedReport(7, xrBlock(7, 0, u32(1))), 'too_short', 'rtcp xr block'],
    ['padding longer than the packet', Buffer.from([0xa0, 201, 0, 1, 0, 0, 0, 99]), 'bad_length', 'rtcp padding'],
  ])('%s', (_caption, bytes, code, part) => expect(decode(bytes).fault).toMatchObject({ fault: code, part }));

  test('packets before the fault are kept', () => {
    const bytes = Buffer.concat([report, goodbye(7), Buffer.from([0x80, 200, 0, 9])]);
    expect(decode(bytes)).toMatchObject({
      packets: [{ kind: 'sr' }, { kind: 'bye' }],
      fault: { atByte: report.length + 8, needed: 40, left: 4 },
    });
  });

  const everything = Buffer.concat([
    report,
    sourceDescription(7, [
      [1, 'c'],
      [6, 'tool'],
    ]),
    extendedReport(7, voip, xrBlock(1, 0, u32(9), u16(1), u16(9), u16(0x4003), u16(0))),
    packet(205, 1, u32(7), u32(8), u32(9)),
    goodbye(7, 'x'),
  ]);

  test('every prefix: its complete packets, and a fault for the rest', () => {
    for (let length = 0; length < everything.length; length++) {
      const { packets, fault } = decodeRtcp(everything, 0, length);
      expect(fault === null).toBe(packets.length > 0 && looksLikeRtcp(everything, 0, length));
    }
    expect(decode(everything).packets).toHaveLength(5);
  });

  test('damage never throws', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(everything.length - 1), fc.nat(255)), { minLength: 1, maxLength: 12 }), (changes) => {
        const bytes = Buffer.from(everything);
        for (const [at, byte] of changes) bytes[at] = byte;
        const { packets } = decode(bytes);
        for (const each of packets) if (each.kind === 'xr') each.blocks.forEach((block) => 'chunks' in block && runLengthBits(block));
      }),
      { seed: 77, numRuns: 2000 },
    );
  });
});

describe('detection of RTCP', () => {
  test.each([
    ['a sender report', senderReport(7, 1, 2), true],
    ['a compound', Buffer.concat([receiverReport(7, []), sourceDescription(7, [[1, 'x']]), goodbye(7)]), true],
    ['feedback alone', packet(206, 1, u32(7), u32(8)), true],
    ['RTP', Buffer.concat([Buffer.from([0x80, 8, 1, 2]), Buffer.alloc(168)]), false],
    ['RTP with marker, payload type 72', Buffer.concat([Buffer.from([0x80, 200, 1, 2]), Buffer.alloc(168)]), false],
    ['lengths that do not add up (SRTCP)', Buffer.concat([senderReport(7, 1, 2), Buffer.alloc(14)]), false],
    ['STUN', Buffer.concat([Buffer.from([0, 1, 0, 0]), Buffer.alloc(16)]), false],
    ['too little', Buffer.from([0x80, 200, 0, 0]), false],
  ])('%s', (_caption, bytes, expected) => expect(looksLikeRtcp(bytes, 0, bytes.length)).toBe(expected));
});
