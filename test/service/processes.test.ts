/** Several processes: which one serves which sender, how their reports add up, whatever happened to them, and what they exclude. */
import { describe, expect, test } from '@jest/globals';
import { Ledger, accountingErrors, ledgerCounts, type SinkCounts } from '../../src/lib/base/index.js';
import { processEnvironment } from '../../src/lib/base/index.js';
import type { HepListenOptions } from '../../src/lib/service/hep/listen.js';
import { processCount } from '../../src/lib/service/processes/cores.js';
import { listenInProcesses } from '../../src/lib/service/processes/listen.js';
import { MergedReports } from '../../src/lib/service/processes/merged-reports.js';
import type { ProcessReport } from '../../src/lib/service/processes/protocol.js';
import { Senders } from '../../src/lib/service/processes/senders.js';

describe('senders', () => {
  test.each([2, 3, 8, 16])('1,000 senders are spread evenly over %i processes, and stay', (count) => {
    const senders = new Senders(count);
    const addresses = Array.from({ length: 1000 }, (_, i) =>
      i % 3 === 0 ? `2001:db8::${i.toString(16)}` : `10.${i % 7}.${i >> 8}.${i & 255}`,
    );
    const places = addresses.map((address) => senders.placeOf(address));
    const perProcess = Array.from({ length: count }, (_, index) => places.filter((place) => place === index).length);
    expect(Math.max(...perProcess) - Math.min(...perProcess)).toBeLessThanOrEqual(1);
    // They connect again, in any order, several times.
    for (const address of [...addresses].reverse()) expect(senders.placeOf(address)).toBe(places[addresses.indexOf(address)]);
    expect(addresses.map((address) => senders.placeOf(address))).toEqual(places);
  });

  test('as few as the processes: one each', () => {
    const senders = new Senders(4);
    expect(new Set(['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4'].map((address) => senders.placeOf(address))).size).toBe(4);
  });

  test('a process that is down loses its senders to the others, which keep them', () => {
    const senders = new Senders(3);
    const addresses = Array.from({ length: 30 }, (_, i) => `10.0.0.${i}`);
    for (const address of addresses) senders.placeOf(address);
    const moved = addresses.map((address) => senders.placeOf(address, (index) => index !== 1));
    expect(moved.filter((place) => place === 1)).toEqual([]);
    expect(moved.filter((place) => place === 0)).toHaveLength(15);
    expect(addresses.map((address) => senders.placeOf(address))).toEqual(moved);
  });

  test('where none is up a sender stays with its process, and new ones are spread', () => {
    const senders = new Senders(3);
    const addresses = Array.from({ length: 30 }, (_, i) => `10.0.0.${i}`);
    const before = addresses.map((address) => senders.placeOf(address));
    expect(addresses.map((address) => senders.placeOf(address, () => false))).toEqual(before);
    const fresh = ['10.0.1.1', '10.0.1.2', '10.0.1.3'].map((address) => senders.placeOf(address, () => false));
    expect(new Set(fresh).size).toBe(3);
  });

  test('memory is bounded: the addresses heard of longest ago are forgotten', () => {
    const senders = new Senders(2, 100);
    for (let i = 0; i < 10_000; i++) senders.placeOf(`10.0.${i >> 8}.${i & 255}`);
    expect((senders as unknown as { places: Map<string, number> }).places.size).toBe(100);
    expect((senders as unknown as { counts: number[] }).counts.reduce((sum, count) => sum + count, 0)).toBe(100);
  });
});

describe('reports', () => {
  const counts = (delivered: number, written: number, more: Partial<SinkCounts> = {}): SinkCounts => ({
    delivered,
    written,
    refused: 0,
    waiting: delivered - written,
    lost: 0,
    reasons: {},
    ...more,
  });

  function report(messages: number, sink: SinkCounts, spool = 0, undecoded = 0): ProcessReport {
    const ledger = new Ledger();
    Object.assign(ledger, { received: messages, complete: messages, found: messages, delivered: messages, undecoded });
    ledger.notes.add('noted', messages);
    return {
      ledger: ledgerCounts(ledger),
      sinks: [{ sink: 'database', counts: sink, additional: 0 }],
      depths: [{ sink: 'database', memory: sink.waiting - spool, spool }],
      states: [],
      failingTables: [],
      targets: [],
      inputs: [{ name: 'hep_udp:0.0.0.0:9060', packets: messages, bytes: 10 * messages, problem: '' }],
      status: [],
      statistics: [['calls', messages]],
      captured: { requests: messages, replies: 0 },
      methods: {},
      statuses: {},
      media: null,
      batches: [],
    };
  }
  const errors = (merged: MergedReports) => accountingErrors(merged.ledger, merged.sinks());

  test('totals are those of all, however often they report', () => {
    const merged = new MergedReports(2);
    merged.add(0, report(10, counts(10, 4)));
    merged.add(1, report(5, counts(5, 5)));
    merged.add(0, report(30, counts(30, 30)));
    expect(merged.ledger).toMatchObject({ received: 35, found: 35, delivered: 35 });
    expect(merged.sinks()[0].counts).toMatchObject({ delivered: 35, written: 35, waiting: 0 });
    expect(merged.inputs()).toEqual([{ name: 'hep_udp:0.0.0.0:9060', packets: 35, bytes: 350, problem: '' }]);
    expect(merged.ledger.notes.get('noted')).toBe(35);
    expect(errors(merged)).toEqual([]);
  });

  test('one that died keeps what it reported; what it had in memory counts as lost, for a reason of its own', () => {
    const merged = new MergedReports(2);
    merged.add(0, report(10, counts(10, 4)));
    merged.end(0, true);
    expect(errors(merged)).toEqual([]);
    merged.add(0, report(7, counts(7, 7)));
    expect(merged.ledger.delivered).toBe(17);
    expect(merged.sinks()[0].counts).toMatchObject({ delivered: 17, written: 11, waiting: 0, lost: 6, reasons: { process_died: 6 } });
    expect(merged.totals).toMatchObject({ requests: 17, statistics: { calls: 17 } });
    expect(errors(merged)).toEqual([]);
  });

  test('what it had in its spool waits until its successor has taken it over, and counts once', () => {
    const merged = new MergedReports(1);
    merged.add(0, report(10, counts(10, 4), 5, 3));
    merged.end(0, true);
    expect(merged.sinks()[0].counts).toMatchObject({ waiting: 5, lost: 1 });
    expect(merged.ledger.undecoded).toBe(3);
    merged.add(0, report(0, counts(0, 2, { before: 5, waiting: 3 }), 3, 3));
    expect(merged.sinks()[0].counts).toMatchObject({ delivered: 10, before: 5, written: 6, waiting: 3, lost: 1, transferred: 5 });
    expect(merged.ledger.undecoded).toBe(3);
    expect(errors(merged)).toEqual([]);
  });

  test('one that ended cleanly in between loses nothing', () => {
    const merged = new MergedReports(1);
    merged.add(0, report(10, counts(10, 10)));
    merged.end(0, false);
    merged.add(0, report(3, counts(3, 3)));
    expect(merged.sinks()[0].counts).toMatchObject({ delivered: 13, written: 13, lost: 0 });
    expect(errors(merged)).toEqual([]);
  });
});

describe('refused', () => {
  const listen = (sinks: object, more: object = {}, listener = 'hep_tcp:127.0.0.1:0') => {
    const options = {
      processes: 2,
      listeners: [listener],
      count: 0,
      sinks: { db: 'mysql://u@127.0.0.1:1/d', hep: { targets: [] }, ...sinks },
    };
    return listenInProcesses({ ...options, ...more } as unknown as HepListenOptions, processEnvironment());
  };

  test.each([
    ['SQLite', { db: 'sqlite:x.db' }, {}, /SQLite/],
    ['-w', { write: 'x.pcap' }, {}, /--write/],
    ['-c', {}, { count: 5 }, /--count/],
    ['lines', { format: 'json' }, {}, /--format json/],
    ['printing', { db: undefined }, {}, /printing/],
  ])('%s', async (_, sinks, more, words) => {
    await expect(listen(sinks, more)).rejects.toThrow(words);
  });

  test('UDP without the addon', async () => {
    process.env.SIPCAP_PLAIN_SOCKETS = '1';
    await expect(listen({}, {}, 'hep_udp:127.0.0.1:0')).rejects.toThrow(/UDP without the addon/);
    delete process.env.SIPCAP_PLAIN_SOCKETS;
  });

  test.each(['0', '129', '100000000', '-1', 'all', '', '1.5'])('%p processes', (text) => {
    expect(() => processCount(text)).toThrow(/expected a whole number from 1 to 128, or auto/);
  });

  test('auto is at least one', () => {
    expect(processCount('auto')).toBeGreaterThanOrEqual(1);
    expect(processCount('8')).toBe(8);
  });
});
