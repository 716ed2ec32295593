import { describe, expect, test } from '@jest/globals';
import { PAYLOAD_RTP_AGENT, accountingErrors } from '../../src/lib/base/index.js';
import { CallMedia } from '../../src/lib/calls/quality/call-media.js';
import { directionsOf } from '../../src/lib/calls/quality/directions.js';
import { streamJson, streamSchema } from '../../src/lib/media/index.js';
import { reportOfMessage } from '../../src/lib/store/read/index.js';
import { BACK, CALLER, FORTH, INVITE, START, answeredCall, hangUp, sdp, signal, stream } from '../rigs/rtp.js';
import { follow } from './rig.js';

const frames = [
  ...answeredCall(),
  ...stream({ packets: 200, lost: [5, 6, 7, 8] }),
  ...stream({ packets: 200, path: BACK, ssrc: 2 }),
  ...hangUp(),
];
const reported = (all: Parameters<typeof follow>[0], options = {}) => {
  const followed = follow(all, { reports: true, ...options });
  return { ...followed, reports: followed.messages.filter(({ payloadType }) => payloadType === PAYLOAD_RTP_AGENT) };
};

describe('reports of streams', () => {
  test('the published schema matches the printed members', () => {
    type Schema = Record<'type', string | string[]> & { required: string[]; properties: Record<string, Schema>; items: Schema };
    const schema = streamSchema() as unknown as Schema;
    const json = streamJson(follow(frames).stream);
    expect(Object.keys(json)).toEqual(schema.required);
    const [moment] = json.moments as Record<string, unknown>[];
    expect(Object.keys(moment)).toEqual(schema.properties.moments.items.required);
    for (const [name, value] of Object.entries(json)) {
      const type = Number.isInteger(value) ? 'integer' : value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
      const types = [schema.properties[name].type].flat();
      expect([name, types.includes(type) || (type === 'integer' && types.includes('number'))]).toEqual([name, true]);
    }
  });

  test('one for each at the end, with the members of RTCP reports and all statistics', () => {
    const { reports, ledger, messages } = reported(frames);
    expect(reports).toHaveLength(2);
    expect(reports[0]).toMatchObject({
      capturedAt: START + 1e6 + 199 * 20_000,
      sourceAddress: '192.0.2.1',
      sourcePort: 4000,
      destinationAddress: '192.0.2.2',
      destinationPort: 6000,
      correlationId: 'call-1',
      protocol: 17,
      family: 2,
    });
    expect(JSON.parse(reports[0].payload.toString())).toMatchObject({
      ssrc: 0x1234,
      type: 34,
      report_count: 1,
      report_blocks: [{ source_ssrc: 0x1234, fraction_lost: 5, packets_lost: 4, highest_seq_no: 299, loss_percent: 2, mos: 4.22 }],
      rtp: { callid: 'call-1', codec: 'PCMA', packets: 196, lost: 4, longest_loss: 4 },
    });
    expect(ledger.found).toBe(messages.length);
    ledger.delivered = messages.length;
    expect(accountingErrors(ledger, [])).toEqual([]);
  });

  test('after 30 s of silence; packets after that are a new stream', () => {
    const { reports, messages, watch } = reported([
      ...answeredCall(),
      ...stream({ packets: 200 }),
      signal('OPTIONS sip:b@b.example SIP/2.0', { callId: 'o', at: 40, cseq: '1 OPTIONS' }),
      ...stream({ packets: 100, at: 50, sequence: 900 }),
    ]);
    expect(reports.map(({ payload }) => (JSON.parse(payload.toString()) as { rtp: { packets: number } }).rtp.packets)).toEqual([200, 100]);
    expect(messages.indexOf(reports[0])).toBe(3);
    expect(watch.totals).toMatchObject({ streams: 2, packets: 300, lost: 0, rated: 2, mosSum: 8.82, atMost: [0, 0, 0, 0, 0, 0, 2] });
  });

  test('what only shows beside the other streams of the call: one-way, another SSRC, one that two senders use', () => {
    const notesOf = (all: Parameters<typeof follow>[0]) =>
      reported(all).reports.map(({ payload }) => (JSON.parse(payload.toString()) as { rtp: { notes: string[] } }).rtp.notes);
    expect(notesOf([...answeredCall(), ...stream({ packets: 200 })])).toEqual([['one-way']]);
    expect(notesOf(frames)).toEqual([[], []]);
    // The other direction ended a minute before, and was reported then.
    expect(notesOf([...answeredCall(), ...stream({ packets: 3500 }), ...stream({ packets: 60, path: BACK, ssrc: 2 })])).toEqual([[], []]);
    const ringing = [signal(INVITE, { body: sdp(CALLER) }), ...stream({ packets: 200, path: BACK })];
    expect(notesOf(ringing)).toEqual([[]]);
    const back = stream({ packets: 400, path: BACK, ssrc: 2 });
    expect(notesOf([...answeredCall(), ...stream({ packets: 100 }), ...stream({ packets: 100, at: 3, ssrc: 7 }), ...back])).toEqual([
      [],
      ['ssrc-change'],
      [],
    ]);
    const other = { ...FORTH, source: '192.0.2.9' };
    expect(notesOf([...answeredCall(), ...stream({ packets: 200 }), ...stream({ packets: 200, path: other }), ...back])).toEqual([
      ['ssrc-collision'],
      // Nothing goes back to the second sender.
      ['ssrc-collision', 'one-way'],
      [],
    ]);
  });

  test('an evicted stream is reported', () => {
    const { reports } = reported([...answeredCall(), ...stream({ packets: 60 }), ...stream({ packets: 60, at: 3, ssrc: 9 })], {
      limits: { maxStreams: 1, maxUnknown: 1 },
    });
    expect(reports).toHaveLength(2);
  });

  test('queries read them as quality of that direction', () => {
    const { reports } = reported(frames);
    const directions = directionsOf(reports.map(reportOfMessage), new CallMedia());
    expect(directions.map(({ from, to, points }) => [from, to, points[0].lossPercent, points[0].mos])).toEqual([
      ['192.0.2.1:4000', '192.0.2.2:6000', 2, 4.22],
      ['192.0.2.2:6000', '192.0.2.1:4000', 0, 4.41],
    ]);
  });

  test('none unless enabled', () => {
    expect(follow(frames).messages.every(({ payloadType }) => payloadType === 1)).toBe(true);
  });
});
