/** The parts of reports: correlation rules, lines, points of quality, the plot. */
import { describe, expect, test } from '@jest/globals';
import { Zone } from '../../../src/lib/base/time/index.js';
import { correlationRule } from '../../../src/lib/service/report/correlation.js';
import { lineMessage, parseEndpoint } from '../../../src/lib/service/report/line-messages.js';
import { plotLines } from '../../../src/lib/calls/quality/sparkline.js';
import { qualityPoints, statPoint } from '../../../src/lib/calls/quality/quality-points.js';
import { summaryOf } from '../../../src/lib/calls/quality/summary.js';

const UTC = new Zone('UTC');

describe('correlation rules', () => {
  const rows: [string, string, string][] = [
    ['call-id', 'BYE sip:a@127.0.0.1 SIP/2.0\r\nCall-ID: c1@127.0.0.1\r\n\r\n', 'c1@127.0.0.1'],
    ['call-id', '{"RTP_SIP_CALL_ID":"c2"}', 'c2'],
    ['call-id', 'VQSessionReport: CallTerm\r\nCallID: c3@127.0.0.1\r\n', 'c3@127.0.0.1'],
    ['call-id', 'a log line\nCall-ID: c4\n', 'c4'],
    ['call-id', 'nothing of the kind', ''],
    ['json:call.id', '{"call":{"id":17}}', '17'],
    ['json:list.1', '{"list":["a","b"]}', 'b'],
    ['json:call.id', '{"call":null}', ''],
    ['json:call.id', 'no json', ''],
    ['regex:id=(\\w+)', 'x id=abc y', 'abc'],
    ['regex:[0-9a-f]{8}', 'x deadbeef y', 'deadbeef'],
    ['regex:nope', 'x', ''],
    ['', 'anything', ''],
  ];
  test.each(rows)('%s of %j is %j', (rule, payload, wanted) => {
    expect(correlationRule(rule)(Buffer.from(payload))).toBe(wanted);
  });
  test('the pattern applies to each line, and takes linear time', () => {
    const text = `x\nid: abc\n${'a'.repeat(100_000)}!`;
    expect(correlationRule('regex:^id: (\\w+)$')(Buffer.from(text))).toBe('abc');
    expect(correlationRule('regex:(a+)+$')(Buffer.from(text))).toBe('');
    expect(() => correlationRule('regex:(?=a)')).toThrow("invalid --correlation 'regex:(?=a)': ");
  });
  test.each([['json:'], ['regex:('], ['callid'], ['regex:']])('%s is refused', (rule) => {
    expect(() => correlationRule(rule)).toThrow(/--correlation/);
  });
});

test('endpoints of lines', () => {
  expect(parseEndpoint('127.0.0.1:5060', '--source')).toEqual({ address: '127.0.0.1', port: 5060 });
  expect(parseEndpoint('[::1]:5060', '--source')).toEqual({ address: '::1', port: 5060 });
  expect(parseEndpoint('127.0.0.1', '--source')).toEqual({ address: '127.0.0.1', port: 0 });
  expect(parseEndpoint('::1', '--source')).toEqual({ address: '::1', port: 0 });
  expect(() => parseEndpoint('host:5060', '--source')).toThrow('--source host:5060');
  expect(() => parseEndpoint('127.0.0.1:99999', '--source')).toThrow('--source');
});

test('the time of a line: seconds, milliseconds, microseconds, a date, or now', () => {
  const options = {
    source: { address: '127.0.0.1', port: 0 },
    destination: { address: '127.0.0.1', port: 0 },
    payloadType: 100,
    captureId: 1,
    timeField: 't.at',
  };
  const at = (value: string) => lineMessage(Buffer.from(`{"t":{"at":${value}}}`), 42, options, 1).capturedAt;
  expect([
    at('1700000000'),
    at('1700000000.5'),
    at('1700000000123'),
    at('1700000000123456'),
    at('"2023-11-14T22:13:20Z"'),
    at('"1700000000"'),
    at('null'),
    at('"soon"'),
  ]).toEqual([1.7e15, 1.7e15 + 5e5, 1.700000000123e15, 1.700000000123456e15, 1.7e15, 1.7e15, 42, 42]);
});

describe('quality points, by sender', () => {
  const ours =
    '{"ssrc":1,"type":200,"report_count":1,"report_blocks":[{"source_ssrc":2,"fraction_lost":26,"packets_lost":-3,"ia_jitter":160,"lsr":0,"dlsr":0,"loss_percent":10.16,"jitter_ms":20,"round_trip_ms":40.5,"r_factor":70,"mos":3.5}]}';
  const asterisk =
    '{"ssrc":1,"type":201,"report_count":1,"sender_information":null,"report_blocks":[{"source_ssrc":2,"fraction_lost":64,"packets_lost":1,"highest_seq_no":5,"ia_jitter":3,"lsr":"123","dlsr":1}]}';
  const agent = '{"CORRELATION_ID":"x","EXPECTED_PK":200,"PACKET_LOSS":2,"MEAN_JITTER":1.5,"MEAN_MOS":4.1}';
  const vq =
    'VQSessionReport: CallTerm\r\nCallID: c\r\nLocalMetrics:\r\nPacketLoss:NLR=5.0 JDR=2.0\r\nDelay:RTD=200 IAJ=2\r\nQualityEst:MOSLQ=4.2 MOSCQ=4.1\r\n';
  test.each<[string, number, string, object[]]>([
    ['ours', 5, ours, [{ lossPercent: 10.16, jitterMs: 20, roundTripMs: 40.5, mos: 3.5 }]],
    ['Asterisk', 5, asterisk, [{ lossPercent: 25, jitterMs: null, roundTripMs: null, mos: expect.any(Number) }]],
    ['rtpagent', 34, agent, [{ lossPercent: 1, jitterMs: 1.5, roundTripMs: null, mos: 4.1 }]],
    ['RFC 6035', 35, vq, [{ lossPercent: 5, jitterMs: 2, roundTripMs: 200, mos: 4.1 }]],
    ['a log', 100, 'INFO all well', []],
    ['broken JSON', 5, '{"report_blocks":[{', []],
  ])('%s', (_, type, payload, wanted) => {
    expect(qualityPoints(type, Buffer.from(payload))).toEqual(wanted);
  });

  test('as text', () => {
    expect(summaryOf(5, Buffer.from(ours))).toBe('loss 10.2 %, jitter 20.0 ms, round trip 41 ms, MOS 3.50');
    expect(summaryOf(100, Buffer.from(`INFO\x1b[31m ${'x'.repeat(100)}`))).toBe(`INFO.[31m ${'x'.repeat(49)}…`);
    expect(summaryOf(100, Buffer.from('😀'.repeat(40)))).toBe(`${'😀'.repeat(29)}…`);
    expect(statPoint('CS=10;PR=90;PL=10;JI=5;DL=30')).toEqual({ lossPercent: 10, jitterMs: 5, roundTripMs: 30, mos: expect.any(Number) });
  });
});

test('the plot marks the worst moment, and nothing when all values are equal', () => {
  const row = {
    name: 'loss %',
    of: (point: { lossPercent: number | null }) => point.lossPercent,
    worst: 'highest' as const,
    digits: 1,
    top: 5,
  };
  const points = [0, 1, 5, 2, 0].map((lossPercent, i) => ({
    capturedAt: (1_700_000_000 + i * 5) * 1e6,
    lossPercent,
    jitterMs: null,
    roundTripMs: null,
    mos: null,
  }));
  expect(plotLines(row, points, UTC)).toEqual(['loss %      ▂█▃   mean 1.6, worst 5.0 at 22:13:30', '             ^']);
  expect(
    plotLines(
      row,
      points.map((point) => ({ ...point, lossPercent: 1 })),
      UTC,
    ),
  ).toEqual(['loss %     ▂▂▂▂▂  mean 1.0']);
  expect(
    plotLines(
      row,
      points.map((point) => ({ ...point, lossPercent: null })),
      UTC,
    ),
  ).toEqual([]);
});
