/** Filters on every input of a run: frames, HEP, packets relayed undecoded, and packets spooled undecoded. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Ledger, accountingErrors, silentLog, systemClock, type Message } from '../../src/lib/base/index.js';
import { Intake } from '../../src/lib/pipeline/intake.js';
import type { MessageFilter } from '../../src/lib/pipeline/message-filter.js';
import { MessageRows } from '../../src/lib/pipeline/output/message-rows.js';
import { Outputs } from '../../src/lib/pipeline/output/outputs.js';
import { arrivalRecordBytes } from '../../src/lib/pipeline/output/undecoded-record.js';
import { ArrivalReader } from '../../src/lib/pipeline/output/undecoded-replay.js';
import { NO_FILTER, readFilter, type FilterOptions } from '../../src/lib/script/filter/index.js';
import { ETHER_IPV4, ethernet, frame, udpPacket } from '../rigs/frames.js';
import { PEER, RECEIVED_AT, chunk, hep3, plainChunks } from '../rigs/hep-packets.js';
import { hepMessage, options } from '../rigs/messages.js';

const selection = { ports: [], parseHep: false, rtcp: false, tunnelTo: null, keepFrames: false, workers: 0, isLive: false };
let ledger: Ledger;
let outputs: Outputs;
let handled: Message[];

beforeEach(() => {
  ledger = new Ledger();
  outputs = new Outputs(ledger, silentLog, false);
  handled = [];
});

afterEach(async () => {
  expect(accountingErrors(ledger, [])).toEqual([]);
  await outputs.close({ passed: Promise.resolve(), remainingMs: 0 });
});

const filterOf = (asked: Partial<FilterOptions>) =>
  readFilter({ ...NO_FILTER, ...asked }, { clock: systemClock, log: silentLog, stderr: { write: () => true } })!;

function intakeWith(filter: MessageFilter | null): Intake {
  const intake = new Intake({ ledger, outputs, log: silentLog, hep: {}, count: 0, onCount() {}, filter });
  intake.use({
    handle(message) {
      handled.push(message);
      return null;
    },
  });
  return intake;
}

const packet = (callId: string, changes: Record<number, Buffer | string | null> = {}) =>
  hep3(...plainChunks({ 15: options(callId), ...changes }));
const arrivalOf = (bytes: Buffer) => ({ bytes, from: 0, to: bytes.length, receivedAt: RECEIVED_AT, peer: PEER });

test('frames and HEP: rejected messages are counted as filtered, before any handler', async () => {
  const intake = intakeWith(filterOf({ callId: ['wanted'] }));
  const frames = intake.frames(selection);
  for (const callId of ['wanted', 'other', 'wanted']) {
    const bytes = ethernet(ETHER_IPV4, udpPacket({ source: '127.0.0.1', destination: '127.0.0.2' }, options(callId)));
    frames.frame(frame(bytes));
  }
  await frames.finish();
  for (const callId of ['other', 'wanted']) intake.packet(arrivalOf(packet(callId)));
  // Non-SIP packets pass only if the filter says so.
  intake.packet(arrivalOf(packet('x', { 11: Buffer.from([100]), 15: 'a log line' })));
  expect(handled.map(({ sip }) => sip?.callId)).toEqual(['wanted', 'wanted', 'wanted']);
  expect([ledger.found, ledger.delivered, ledger.filtered.toJSON()]).toEqual([6, 3, { where: 3 }]);
});

test('reports are kept if requested, and the peer of a packet can be matched', () => {
  const intake = intakeWith(filterOf({ where: '$hep_net(src_ip) == "127.0.0.9"', callId: ['wanted'], keepReports: true }));
  for (const callId of ['other', 'wanted']) intake.packet(arrivalOf(packet(callId)));
  intake.packet(arrivalOf(packet('x', { 11: Buffer.from([100]), 15: 'a log line' })));
  expect(handled.map(({ payloadType }) => payloadType)).toEqual([1, 100]);
});

test('packets relayed undecoded are decoded for the filter, and sent unchanged', () => {
  const intake = intakeWith(filterOf({ callId: ['wanted'] }));
  const sent: Buffer[] = [];
  intake.usePackets({
    read: ({ bytes, receivedAt }) => ({ bytes, capturedAt: receivedAt }),
    send: ({ bytes }) => {
      sent.push(bytes);
      return null;
    },
  });
  // Padding beyond Content-Length, which the packet keeps.
  const wanted = hep3(...plainChunks({ 15: Buffer.concat([options('wanted'), Buffer.from('\0\0')]) }), chunk(3, 77, 'kept'));
  for (const bytes of [packet('other'), wanted, hep3(chunk(0, 1, 'x'))]) intake.packet(arrivalOf(bytes));
  expect(sent).toEqual([wanted]);
  expect([ledger.delivered, ledger.filtered.toJSON()]).toEqual([1, { where: 2 }]);
});

test('packets that were spooled undecoded are filtered when they are replayed', () => {
  const packets = ['wanted', 'other', 'wanted'].map((callId) => packet(callId));
  const record = arrivalRecordBytes({
    stream: 'live:x',
    sequence: 1,
    peers: [PEER],
    times: Float64Array.of(RECEIVED_AT, RECEIVED_AT, RECEIVED_AT),
    peerOf: Uint16Array.of(0, 0, 0),
    lengths: Uint32Array.from(packets, ({ length }) => length),
    bytes: Buffer.concat(packets),
  });
  const rows = new MessageRows(
    {
      shape: 'sipcapture',
      dataHeaders: [],
      alegHeaders: [],
      table: 'sip_capture',
      reportTable: 'rtcp_capture',
      reportShape: 'homer5',
      captureNode: 'n',
      customFields: ['', '', ''],
      tableTime: 'packet',
      localDate: false,
    },
    systemClock,
    false,
  );
  const batch = new ArrivalReader(rows, ledger, '', filterOf({ callId: ['wanted'] })).read(record);
  expect(batch!.rows.map(({ count }) => count)).toEqual([2]);
  expect([ledger.delivered, ledger.filtered.toJSON()]).toEqual([2, { where: 1 }]);
});

test('a filtered message is the one that is handled: parsed once, ended at its Content-Length', () => {
  const intake = intakeWith(filterOf({ match: ['OPTIONS'] }));
  const payload = Buffer.concat([options('a'), Buffer.from('\0\0\0')]);
  intake.message(hepMessage({ payload }), payload.length);
  expect(intake.preparer.sip(handled[0])).toBe('');
  expect(handled[0].payload.equals(options('a'))).toBe(true);
  expect(ledger.notes.toJSON()).toEqual({ trailing_bytes: 3 });
});
