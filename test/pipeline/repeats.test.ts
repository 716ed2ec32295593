/** Repeats of packets that are not decoded: recognised before they wait in a spool, and after a restart. */
import { afterAll, describe, expect, test } from '@jest/globals';
import { Ledger, accountingErrors, silentLog, systemClock } from '../../src/lib/base/index.js';
import { HepEncoder, RepeatWindow, type HepPeer } from '../../src/lib/hep/index.js';
import { restoreIdentities } from '../../src/lib/pipeline/output/received-identities.js';
import { restoreSpooled } from '../../src/lib/pipeline/output/stored-identities.js';
import { RECORD_ARRIVALS } from '../../src/lib/pipeline/output/undecoded-record.js';
import { ArrivalReader } from '../../src/lib/pipeline/output/undecoded-replay.js';
import { ArrivalSpool } from '../../src/lib/pipeline/output/undecoded-spool.js';
import { Repeats } from '../../src/lib/pipeline/repeats.js';
import { SpoolLog } from '../../src/lib/sink/spool/index.js';
import { hepMessage, options } from '../rigs/messages.js';
import { temporaryFolder } from '../rigs/sipcap.js';

const folder = temporaryFolder();
afterAll(() => folder.remove());

const peer: HepPeer = { peerAddress: '192.0.2.1', peerPort: 4000, localAddress: '192.0.2.2', localPort: 9060, transport: 'tcp' };
const encoder = new HepEncoder({ version: 3, captureId: 1, authKey: null, captureName: '', compress: false, identity: true });
const arrival = (sequence: number, text = `call-${sequence}`) => {
  const bytes = encoder.encode(hepMessage({ stream: sequence === 0 ? 0n : 9n, sequence, payload: options(text) })) as Buffer;
  return { bytes, from: 0, to: bytes.length, receivedAt: 1_700_000_000_000_000, peer };
};
const repeatsOf = (window: RepeatWindow, ledger = new Ledger()) => ({ repeats: new Repeats(window, ledger, silentLog), ledger });

test('a packet is a repeat the second time, whoever asks', () => {
  const { repeats, ledger } = repeatsOf(new RepeatWindow());
  expect([1, 2, 1].map((sequence) => repeats.isRepeatedPacket(arrival(sequence)))).toEqual([false, false, true]);
  expect([repeats.isRepeatedPacket(arrival(0)), repeats.isRepeatedPacket(arrival(0)), repeats.wasIdentified]).toEqual([
    false,
    false,
    false,
  ]);
  expect([repeats.isRepeatedPacket(arrival(1, 'another')), ledger.notes.toJSON()]).toEqual([false, { identity_reused: 1 }]);
});

test('what is dropped undecoded is accounted for', () => {
  const { repeats, ledger } = repeatsOf(new RepeatWindow());
  repeats.account(700);
  expect([ledger.received, ledger.bytes, ledger.filtered.toJSON(), accountingErrors(ledger, [])]).toEqual([1, 700, { repeated: 1 }, []]);
});

test('switched off, repeats are taken and still remembered', () => {
  const { repeats } = repeatsOf(new RepeatWindow());
  repeats.isOn = false;
  expect([repeats.isRepeatedPacket(arrival(1)), repeats.isRepeatedPacket(arrival(1))]).toEqual([false, false]);
  repeats.isOn = true;
  expect(repeats.isRepeatedPacket(arrival(1))).toBe(true);
});

describe('packets that wait undecoded', () => {
  const records: Buffer[] = [];
  const spool = new ArrivalSpool(
    (record) => records.push(record) > 0,
    () => {},
  );
  spool.take(arrival(1), true);
  spool.take(arrival(2), true);
  spool.take(arrival(0), false);
  spool.flush();
  spool.take(arrival(0), false);
  spool.flush();
  spool.take(arrival(3), true);
  spool.flush();
  const reader = new ArrivalReader({ table: () => 't', columns: () => ['a'], push: () => {} }, new Ledger(), '');
  const known = (window: RepeatWindow) => [1, 2, 3, 4].map((sequence) => repeatsOf(window).repeats.isRepeatedPacket(arrival(sequence)));

  test('are stored with their identities, each record the same however often it is read', () => {
    const streams = records.map((record) => reader.read(record)!.streams[0]);
    expect(records.map((record) => reader.read(record)!.streams[0])).toEqual(streams);
    expect(streams.map(({ sequence, position }) => [sequence, position === ''])).toEqual([
      [1, false],
      [1, true],
      [1, false],
    ]);
    expect(new Set(streams.map(({ stream }) => stream)).size).toBe(3);
    const window = new RepeatWindow();
    for (const { position } of streams) restoreIdentities(position, window);
    expect(known(window)).toEqual([true, true, true, false]);
  });

  test('are known when the spool of an ended process is opened again', async () => {
    const log = await SpoolLog.open({
      directory: folder.path,
      clock: systemClock,
      log: silentLog,
      sync: 'never',
      maxBytes: 0,
      maxAgeSeconds: 0,
    });
    for (const record of records) log.append(record, RECORD_ARRIVALS);
    await log.flush();
    const window = new RepeatWindow();
    restoreSpooled(folder.path, window);
    expect(known(window)).toEqual([true, true, true, false]);
    log.acknowledge(3);
    await log.close();
  });
});
