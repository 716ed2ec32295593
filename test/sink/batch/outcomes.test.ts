/** The outcome of a batch by the reply of the database. */
import { describe, expect, test } from '@jest/globals';
import { silentLog, type ColumnValue, type RefusedRow, type WriteOutcome } from '../../../src/lib/base/index.js';
import { COLUMNS, ScriptedDriver, message, numbers, sinkOf, turn } from './batching-rig.js';

describe('outcomes', () => {
  const away: WriteOutcome = { outcome: 'unavailable', reason: 'gone fishing' };

  test('unavailable: everything waits, is retried with the same numbers, and stays in order', async () => {
    const driver = new ScriptedDriver([away, away]);
    const logged: string[] = [];
    const sink = sinkOf(driver, {
      giveUpMs: Infinity,
      log: { ...silentLog, warn: (text) => logged.push(text), info: (text) => logged.push(text) },
    });
    for (const number of numbers(0, 25)) sink.accept(message(number));
    await sink.flush();
    expect(driver.stored).toEqual(numbers(0, 25));
    expect(driver.batches.map(({ streams }) => streams[0].sequence)).toEqual([1, 2, 3]);
    expect(logged).toEqual(['database unavailable (gone fishing); buffering rows', 'database available again after 2 attempts']);
  });

  test('given up: all waiting and later rows are lost and counted, nothing blocks', async () => {
    const driver = new ScriptedDriver([away, away]);
    const logged: string[] = [];
    const sink = sinkOf(driver, { log: { ...silentLog, error: (text) => logged.push(text) } });
    for (const number of numbers(0, 25)) sink.accept(message(number));
    await sink.ready();
    await sink.flush();
    expect(sink.accept(message(25))).toBe(true);
    expect(sink.counts()).toEqual({ delivered: 26, written: 0, refused: 0, waiting: 0, lost: 26, reasons: { database_unavailable: 26 } });
    expect([sink.failure, logged]).toEqual(['database_unavailable', ['giving up on the database: gone fishing']]);
    expect(driver.calls).toBe(1);
    await sink.close();
  });

  test('closing does not wait for an unavailable database', async () => {
    const driver = new ScriptedDriver(new Array<WriteOutcome>(1000).fill(away));
    const sink = sinkOf(driver, { giveUpMs: Infinity });
    sink.accept(message(0));
    await new Promise((resolve) => setTimeout(resolve, 50));
    const began = process.hrtime.bigint();
    await sink.close();
    expect(Number(process.hrtime.bigint() - began) / 1e9).toBeLessThan(12);
    expect(sink.counts()).toMatchObject({ waiting: 0, lost: 1 });
  });

  test('closing ends by the deadline when the server never responds; unstored rows are counted as lost, once', async () => {
    const driver = new ScriptedDriver();
    driver.hold = true;
    driver.close = () => new Promise<void>(() => {});
    const logged: string[] = [];
    const sink = sinkOf(driver, { giveUpMs: Infinity, log: { ...silentLog, error: (text) => logged.push(text) } });
    for (const number of numbers(0, 25)) sink.accept(message(number));
    const began = process.hrtime.bigint();
    await sink.close(500);
    expect(Number(process.hrtime.bigint() - began) / 1e6).toBeLessThan(3000);
    expect(sink.counts()).toEqual({ delivered: 25, written: 0, refused: 0, waiting: 0, lost: 25, reasons: { drain_deadline: 25 } });
    expect([sink.failure, logged]).toEqual(['drain_deadline', ['giving up on the database: no answer before the deadline for closing']]);
    driver.release(); // the server wakes up after all: nothing is counted twice
    await turn();
    await turn();
    expect(sink.counts()).toMatchObject({ written: 0, waiting: 0, lost: 25 });
  });

  test('refused rows are passed on with their values and counted', async () => {
    const driver = new ScriptedDriver([{ outcome: 'stored', refused: [{ table: 't', row: 3, reason: 'no threes' }] }]);
    const refused: [RefusedRow, readonly string[], readonly ColumnValue[]][] = [];
    const stored: number[] = [];
    const sink = sinkOf(driver, { onRefused: (...all) => refused.push(all), onStored: (rows) => stored.push(rows) });
    for (const number of numbers(0, 10)) sink.accept(message(number));
    await sink.flush();
    expect(refused).toEqual([[{ table: 't', row: 3, reason: 'no threes' }, COLUMNS, [3, Buffer.from('message 3')]]]);
    expect(sink.counts()).toEqual({ delivered: 10, written: 9, refused: 1, waiting: 0, lost: 0, reasons: { refused_by_database: 1 } });
    expect(stored).toEqual([9]);
  });

  test('known: stored before, counts as written', async () => {
    const sink = sinkOf(new ScriptedDriver([{ outcome: 'known' }]));
    sink.accept(message(0));
    await sink.flush();
    expect(sink.counts()).toMatchObject({ written: 1, lost: 0 });
  });

  test('conflict: stops, and logs it', async () => {
    const logged: string[] = [];
    const sink = sinkOf(new ScriptedDriver([{ outcome: 'conflict' }]), { log: { ...silentLog, error: (text) => logged.push(text) } });
    for (const number of numbers(0, 12)) sink.accept(message(number));
    await sink.flush();
    expect([sink.failure, sink.counts().reasons, logged]).toEqual([
      'conflict',
      { conflict: 12 },
      ['giving up on the database: another process stored some of the same source meanwhile; run the command again when it has ended'],
    ]);
  });

  test('conflict of a live stream: a new stream continues with all waiting rows, in order', async () => {
    const conflict: WriteOutcome = { outcome: 'conflict' };
    const driver = new ScriptedDriver([{ outcome: 'stored', refused: [] }, conflict]);
    const logged: string[] = [];
    let streams = 1;
    const sink = sinkOf(driver, {
      positions: () => [{ stream: `live:${streams}`, position: '' }],
      renewStreams: (states) => {
        streams++;
        return states.map(() => [{ stream: `live:${streams}`, position: '' }]);
      },
      log: { ...silentLog, warn: (text) => logged.push(text) },
    });
    for (const number of numbers(0, 35)) sink.accept(message(number));
    await sink.flush();
    expect(driver.stored).toEqual(numbers(0, 35));
    expect(driver.batches.map(({ streams: [{ stream, sequence }] }) => `${stream} ${sequence}`)).toEqual([
      'live:1 1',
      'live:2 1',
      'live:2 2',
      'live:2 3',
    ]);
    expect([sink.failure, logged.length]).toEqual(['', 1]);
    expect(sink.counts()).toMatchObject({ delivered: 35, written: 35, lost: 0 });
  });

  test('conflict of every new stream too: stops', async () => {
    const sink = sinkOf(new ScriptedDriver(new Array<WriteOutcome>(10).fill({ outcome: 'conflict' })), {
      renewStreams: (states) => [...states],
    });
    sink.accept(message(0));
    await sink.flush();
    expect([sink.failure, sink.counts().lost]).toEqual(['conflict', 1]);
  });

  test('a driver exception is a bug: logged with its location, and everything is counted as lost', async () => {
    const driver = new ScriptedDriver();
    driver.write = async () => {
      throw new TypeError('oops');
    };
    const logged: string[] = [];
    const sink = sinkOf(driver, { giveUpMs: Infinity, log: { ...silentLog, error: (text) => logged.push(text) } });
    for (const number of numbers(0, 12)) sink.accept(message(number));
    await sink.flush();
    expect([sink.failure, sink.counts().reasons]).toEqual(['driver_failed', { driver_failed: 12 }]);
    expect(logged[0]).toMatch(/TypeError: oops[^]*outcomes\.test/);
  });
});
