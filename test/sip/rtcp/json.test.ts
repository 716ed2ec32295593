import { describe, expect, test } from '@jest/globals';
import { isFault } from '../../../src/lib/base/index.js';
import { decodeRtcp } from '../../../src/lib/sip/rtcp/compound.js';
import { homerJson, type MediaKnowledge } from '../../../src/lib/sip/rtcp/homer-json.js';
import { readLenientJson } from '../../../src/lib/sip/rtcp/lenient-json.js';
import { readRtcpJson, type RtcpRecord } from '../../../src/lib/sip/rtcp/sender-json.js';
import {
  bytesOf,
  extendedReport,
  goodbye,
  packet,
  plainBlock,
  receiverReport,
  senderReport,
  sourceDescription,
  xrBlock,
} from '../../rigs/rtcp.js';

const { u16, u32 } = bytesOf;
const jsonOf = (bytes: Buffer, known?: MediaKnowledge) => homerJson(decodeRtcp(bytes, 0, bytes.length), known);

function recordsOf(text: string): RtcpRecord[] {
  const records = readRtcpJson(text);
  if (isFault(records)) throw new Error(records.fault);
  return records;
}

describe("Homer's JSON", () => {
  const compound = Buffer.concat([
    senderReport(7, 3_900_000_000, 0x80000000, [plainBlock]),
    sourceDescription(7, [
      [1, 'ann@a.example'],
      [6, 'tool'],
    ]),
    extendedReport(
      7,
      xrBlock(1, 0, u32(9), u16(10), u16(16), u16(0x4003), u16(0x0003)),
      xrBlock(
        7,
        0,
        u32(9),
        Buffer.from([1, 2, 3, 4]),
        u16(5),
        u16(6),
        u16(7),
        u16(8),
        Buffer.from([127, 0xce, 55, 16, 93, 127, 42, 127, 0xb0, 0]),
        u16(40),
        u16(80),
        u16(120),
      ),
    ),
    packet(206, 1, u32(7), u32(9)),
    packet(204, 3, u32(7), Buffer.from('ABCD')),
    goodbye(7, 'done'),
  ]);

  test('a complete compound, members in their usual order', () => {
    const json = jsonOf(compound, { clockRate: 8000, codec: 'PCMA', roundTripMs: () => 41.5 });
    expect(Object.keys(json!).slice(0, 5)).toEqual(['sender_information', 'ssrc', 'type', 'report_count', 'report_blocks']);
    expect(json).toEqual({
      sender_information: {
        ntp_timestamp_sec: 3_900_000_000,
        ntp_timestamp_usec: 0x80000000,
        rtp_timestamp: 160,
        packets: 50,
        octets: 8000,
      },
      ssrc: 7,
      type: 200,
      report_count: 1,
      report_blocks: [
        {
          source_ssrc: 0x11223344,
          fraction_lost: 64,
          packets_lost: -3,
          highest_seq_no: 70_000,
          ia_jitter: 160,
          lsr: 0xabcd1234,
          dlsr: 65_536,
          loss_percent: 25,
          jitter_ms: 20,
          round_trip_ms: 41.5,
          r_factor: 45.8,
          mos: 2.36,
        },
      ],
      sdes_ssrc: 7,
      sdes_information: [
        { sdes_chunk_ssrc: 7, type: 1, text: 'ann@a.example' },
        { sdes_chunk_ssrc: 7, type: 6, text: 'tool' },
      ],
      report_blocks_xr: {
        type: 7,
        id: 9,
        fraction_lost: 1,
        fraction_discard: 2,
        burst_density: 3,
        gap_density: 4,
        burst_duration: 5,
        gap_duration: 6,
        round_trip_delay: 7,
        end_system_delay: 8,
        signal_level: null,
        noise_level: -50,
        rerl: 55,
        gmin: 16,
        r_factor: 93,
        ext_r_factor: null,
        mos_lq: 4.2,
        mos_cq: null,
        jb_nominal: 40,
        jb_maximum: 80,
        jb_abs_max: 120,
      },
      xr_blocks: [
        { type: 1, source_ssrc: 9, begin_seq: 10, end_seq: 16, thinning: 0, packets: 6, lost: 3 },
        expect.objectContaining({ type: 7, id: 9 }),
      ],
      feedback: [{ type: 206, format: 1, name: 'PLI', media_ssrc: 9 }],
      app: [{ name: 'ABCD', subtype: 3, data: '' }],
      bye: { sources: [7], reason: 'done' },
    });
  });

  test('unknown values are null, not 0', () => {
    const [block] = jsonOf(receiverReport(7, [plainBlock]))!.report_blocks as Record<string, unknown>[];
    expect(block).toMatchObject({ jitter_ms: null, round_trip_ms: null, loss_percent: 25 });
  });

  test('compounds of other packets alone', () => {
    expect(jsonOf(goodbye(7))).toEqual({ ssrc: 7, type: 203, report_count: 0, report_blocks: [], bye: { sources: [7], reason: '' } });
    expect(jsonOf(packet(206, 1, u32(7), u32(9)))).toMatchObject({ type: 206, ssrc: 7 });
    expect(jsonOf(packet(195, 1, u32(3)))).toMatchObject({ type: 195, ssrc: 3 });
    expect(jsonOf(Buffer.alloc(0))).toBeNull();
  });

  test('all block types, as JSON', () => {
    const json = jsonOf(
      extendedReport(
        7,
        xrBlock(2, 1, u32(9), u16(0), u16(4), u16(0x4002), u16(0)),
        xrBlock(3, 0, u32(9), u16(1), u16(2), u32(5)),
        xrBlock(4, 0, u32(1), u32(2)),
        xrBlock(5, 0, u32(9), u32(1), u32(2)),
        xrBlock(6, 0x80, u32(9), u16(1), u16(2), u32(3), Buffer.alloc(24)),
        xrBlock(200, 5, u32(1)),
      ),
    )!;
    expect(json.xr_blocks).toEqual([
      { type: 2, source_ssrc: 9, begin_seq: 0, end_seq: 4, thinning: 1, packets: 2, duplicated: 0 },
      { type: 3, source_ssrc: 9, begin_seq: 1, end_seq: 2, thinning: 0, receipt_times: [5] },
      { type: 4, ntp_timestamp_sec: 1, ntp_timestamp_usec: 2 },
      { type: 5, entries: [{ source_ssrc: 9, lrr: 1, dlrr: 2 }] },
      { type: 6, source_ssrc: 9, begin_seq: 1, end_seq: 2, lost: 3, duplicated: null, jitter: null, hops: null },
      { type: 200, specific: 5, data: '00000001' },
    ]);
    expect(json.type).toBe(207);
  });

  test('round-trips', () => {
    const [record] = recordsOf(JSON.stringify(jsonOf(compound)));
    expect(record).toMatchObject({
      ssrc: 7,
      type: 200,
      sender: { ntpSeconds: 3_900_000_000, ntpFraction: 0x80000000, rtpTimestamp: 160, packets: 50, octets: 8000 },
      blocks: [plainBlock],
      sdes: [
        { source: 7, type: 1, text: 'ann@a.example' },
        { source: 7, type: 6, text: 'tool' },
      ],
      mos: 4.2,
    });
  });
});

describe('JSON of other senders', () => {
  const block =
    '{"source_ssrc":287454020,"fraction_lost":64,"packets_lost":-3,"highest_seq_no":70000,"ia_jitter":160,"lsr":2882343476,"dlsr":65536}';
  const sender =
    '"sender_information":{"ntp_timestamp_sec":3900000000,"ntp_timestamp_usec":2147483648,"octets":8000,"rtp_timestamp":160,"packets":50}';

  test.each([
    ['as it should be', `{${sender},"ssrc":7,"type":200,"report_count":1,"report_blocks":[${block}]}`],
    [
      'the type of the last packet of the compound',
      `{${sender},"ssrc":7,"type":202,"report_count":1,"report_blocks":[${block}],"sdes_ssrc":7}`,
    ],
    ['the loss as unsigned 24 bits', `{${sender},"ssrc":7,"type":200,"report_blocks":[${block.replace('-3', '16777213')}]}`],
    ['the loss as unsigned 32 bits', `{${sender},"ssrc":7,"type":200,"report_blocks":[${block.replace('-3', '4294967293')}]}`],
    [
      'numbers as text',
      `{${sender.replace('3900000000', '"3900000000"').replace('2147483648', '"2147483648"')},"ssrc":7,"type":200,"report_blocks":[${block.replace('2882343476', '"2882343476"')}]}`,
    ],
    [
      'members twice, for the packets of a compound',
      `{${sender},"ssrc":7,"type":200,"report_count":1,"report_blocks":[${block}],"type":202,"ssrc":9,"sdes_report_count":1,"sdes_information":[{"type":1,"text":"x"}]}`,
    ],
    [
      'text that nobody escaped',
      `{${sender},"ssrc":7,"type":200,"report_blocks":[${block}],"sdes_information":[{"type":1,"text":"a "b" \\c \x01 d"},{"type":6,"text":"t"}]}`,
    ],
    ['one block that is no list', `{${sender},"ssrc":7,"type":200,"report_blocks":${block}}`],
    ['in a list, with NUL behind', `[{${sender},"ssrc":7,"type":200,"report_blocks":[${block}]}]\0`],
  ])('%s', (_caption, text) => {
    expect(recordsOf(text)).toMatchObject([
      {
        ssrc: 7,
        type: 200,
        sender: { ntpSeconds: 3_900_000_000, ntpFraction: 2_147_483_648, rtpTimestamp: 160, packets: 50, octets: 8000 },
        blocks: [plainBlock],
      },
    ]);
  });

  test('no sender information', () => {
    expect(recordsOf(`{"sender_information":null,"ssrc":7,"type":201,"report_blocks":[${block}]}`)).toMatchObject([
      { type: 201, sender: null, blocks: [plainBlock] },
    ]);
    expect(recordsOf('{"ssrc":7,"type":203}')).toMatchObject([{ type: 203, sender: null, blocks: [] }]);
  });

  test('several concatenated objects', () => {
    expect(recordsOf(`{\n "ssrc": 7,\n "type": 200 }\n{ "ssrc": 8, "type": 202 }\n`).map((record) => record.ssrc)).toEqual([7, 8]);
  });

  test('unescaped texts are read as they are', () => {
    expect(recordsOf('{"ssrc":7,"sdes_information":[{"type":1,"text":"a "b" \\c \\u0041\\n"}]}')[0].sdes[0].text).toBe('a "b" \\c A\n');
  });

  test('VoIP metrics, and the MOS in any scale', () => {
    const [record] = recordsOf(
      '{"ssrc":7,"type":207,"report_blocks_xr":{"type":7,"id":9,"fraction_lost":1,"round_trip_delay":"7"},"voip_metrics":{"r_factor":93,"mos_cq":41}}',
    );
    expect(record).toMatchObject({ type: 207, xr: { round_trip_delay: 7, r_factor: 93, mos_cq: 41 }, mos: 4.1 });
    expect([4.1, 41, 410, 0, 7, 900].map((mos) => recordsOf(`{"mos":${mos}}`)[0].mos)).toEqual([4.1, 4.1, 4.1, null, null, null]);
  });

  test.each([
    ['no JSON', 'RTCP'],
    ['half an object', '{"ssrc":7'],
    ['half a text', '{"a":"b'],
    ['a member without value', '{"a":}'],
    ['too deep', '['.repeat(50)],
  ])('%s is a fault', (_caption, text) => {
    expect(readRtcpJson(text)).toMatchObject({ fault: 'corrupt', part: 'rtcp json' });
  });

  test.each([
    ['nothing', ''],
    ['a number', '5'],
    ['an empty list', '[]'],
  ])('%s holds no report', (_caption, text) => {
    expect(readRtcpJson(text)).toMatchObject({ fault: 'empty_payload' });
  });

  test('every prefix of a report is read or rejected, without throwing', () => {
    const whole = `{${sender},"ssrc":7,"type":200,"report_blocks":[${block}],"sdes_information":[{"type":1,"text":"a\\"b"}]}`;
    for (let length = 1; length < whole.length; length++) expect(readRtcpJson(whole.slice(0, length))).toMatchObject({ fault: 'corrupt' });
  });

  test('valid JSON is read as JSON', () => {
    const value = { a: [1, -2.5e3, true, false, null, 'x\n"\\\u00e9/'], b: { c: {} }, d: '' };
    expect(readLenientJson(JSON.stringify(value))).toEqual([value]);
  });
});
