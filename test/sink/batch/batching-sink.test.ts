/** The batching sink with a scripted driver that stores, refuses, knows, fails and hangs. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type WriteOutcome } from '../../../src/lib/base/index.js';
import { ScriptedDriver, message, numbers, sinkOf, turn } from './batching-rig.js';

describe('batches', () => {
  test('are closed by rows, by bytes, by age and by flush', async () => {
    const driver = new ScriptedDriver();
    const sink = sinkOf(driver, { batchBytes: 25 });
    for (const number of numbers(0, 3)) sink.accept(message(number));
    await turn();
    expect(driver.calls).toBe(1);
    sink.accept(message(3));
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(driver.stored).toEqual([0, 1, 2, 3]);
    sink.accept(message(4));
    await sink.flush();
    expect(driver.stored).toEqual([0, 1, 2, 3, 4]);
    expect(sink.counts()).toEqual({ delivered: 5, written: 5, refused: 0, waiting: 0, lost: 0, reasons: {} });
    const byRows = sinkOf(driver, { ageMs: 1e6 });
    for (const number of numbers(0, 10)) byRows.accept(message(number));
    await turn();
    expect(driver.batches.at(-1)!.rows[0].count).toBe(10);
    await byRows.close();
    expect(driver.closed).toBe(true);
  });

  test('carry the rows of each table together and in order', async () => {
    const driver = new ScriptedDriver();
    const sink = sinkOf(driver);
    for (const [number, table] of [
      [1, 'a'],
      [2, 'b'],
      [3, 'a'],
      [4, 'a'],
      [5, 'b'],
    ] as const)
      sink.accept(message(number, table));
    await sink.flush();
    expect(driver.batches[0].rows.map(({ table, count, values }) => [table, count, values.filter((_, i) => i % 2 === 0)])).toEqual([
      ['a', 3, [1, 3, 4]],
      ['b', 2, [2, 5]],
    ]);
  });

  test('carry the streams that advanced, each with its own sequence number', async () => {
    const driver = new ScriptedDriver();
    const moves = [
      [{ stream: 'a', position: '1' }],
      [
        { stream: 'a', position: '2' },
        { stream: 'b', position: '1' },
      ],
      [],
      [{ stream: 'b', position: '2' }],
      [],
    ];
    const sink = sinkOf(driver, { positions: () => moves.shift()!, sequences: new Map([['a', 41]]) });
    for (let i = 0; i < 3; i++) {
      sink.accept(message(i));
      await sink.flush();
    }
    // A position that moved without rows is stored, nothing at all is not.
    await sink.flush();
    await sink.flush();
    expect(
      driver.batches.map(({ rows, streams }) => [
        rows.length,
        streams.map(({ stream, sequence, position }) => `${stream}${sequence}:${position}`),
      ]),
    ).toEqual([
      [1, ['a42:1']],
      [1, ['a43:2', 'b1:1']],
      [1, []],
      [0, ['b2:2']],
    ]);
  });

  test('an idle live writer writes nothing', async () => {
    const driver = new ScriptedDriver();
    const sink = sinkOf(driver);
    await sink.flush();
    await sink.close();
    expect(driver.calls).toBe(0);
  });

  test('due while one is in flight are merged', async () => {
    const driver = new ScriptedDriver();
    driver.hold = true;
    const sink = sinkOf(driver);
    for (let number = 0; number < 9; number++) {
      sink.accept(message(number));
      await new Promise((resolve) => setTimeout(resolve, 8));
    }
    driver.hold = false;
    driver.release();
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(driver.batches.map(({ rows }) => rows[0].count)).toEqual([1, 8]);
    expect(sink.counts().waiting).toBe(0);
  });
});

describe('backpressure', () => {
  test('full with one batch in flight and one waiting, until the first is stored', async () => {
    const driver = new ScriptedDriver();
    driver.hold = true;
    const sink = sinkOf(driver);
    expect(numbers(0, 19).map((number) => sink.accept(message(number)))).not.toContain(false);
    expect(sink.accept(message(19))).toBe(false);
    let ready = false;
    const waiting = sink.ready().then(() => (ready = true));
    await turn();
    expect([ready, driver.calls]).toEqual([false, 1]);
    driver.release();
    await waiting;
    expect(driver.batches).toHaveLength(1);
    expect(sink.accept(message(20))).toBe(true);
    driver.hold = false;
    driver.release();
    await sink.flush();
    expect(driver.stored).toEqual(numbers(0, 21));
  });

  test('rows delivered to a full sink beyond the limit are dropped and counted', async () => {
    const driver = new ScriptedDriver();
    driver.hold = true;
    const sink = sinkOf(driver, { maxRows: 50 });
    for (const number of numbers(0, 70)) sink.accept(message(number));
    expect(sink.counts()).toEqual({ delivered: 70, written: 0, refused: 0, waiting: 50, lost: 20, reasons: { queue_full: 20 } });
    driver.hold = false;
    driver.release();
    await sink.flush();
    expect(driver.stored).toEqual(numbers(0, 50));
    const byBytes = sinkOf(new ScriptedDriver(), { maxBytes: 20 });
    for (const number of numbers(0, 5)) byBytes.accept(message(number));
    expect(byBytes.counts()).toMatchObject({ waiting: 3, lost: 2 });
    await byBytes.close();
  });

  test('flush resolves under constant traffic', async () => {
    const driver = new ScriptedDriver();
    const sink = sinkOf(driver);
    let number = 0;
    const traffic = setInterval(() => {
      for (let i = 0; i < 10; i++) sink.accept(message(number++));
    }, 1);
    await new Promise((resolve) => setTimeout(resolve, 20));
    const accepted = number;
    await sink.flush();
    clearInterval(traffic);
    expect(driver.stored.slice(0, accepted)).toEqual(numbers(0, accepted));
    await sink.close();
  });
});

test('invariant: delivered = written + refused + waiting + lost, at any time, whatever the database does', async () => {
  const outcome = fc.oneof(
    { weight: 6, arbitrary: fc.constant<WriteOutcome>({ outcome: 'stored', refused: [] }) },
    { weight: 3, arbitrary: fc.constant<WriteOutcome>({ outcome: 'stored', refused: [{ table: 't', row: 0, reason: 'first' }] }) },
    { weight: 2, arbitrary: fc.constant<WriteOutcome>({ outcome: 'known' }) },
    { weight: 1, arbitrary: fc.constant<WriteOutcome>({ outcome: 'unavailable', reason: 'away' }) },
    { weight: 1, arbitrary: fc.constant<WriteOutcome>({ outcome: 'conflict' }) },
  );
  const steps = fc.array(
    fc.oneof(
      fc.nat(30).map((rows) => ({ rows })),
      fc.constantFrom('turn', 'ready', 'flush'),
    ),
    { maxLength: 40 },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(outcome, { maxLength: 12 }), steps, fc.integer({ min: 5, max: 60 }), async (outcomes, work, maxRows) => {
      const driver = new ScriptedDriver(outcomes);
      const sink = sinkOf(driver, { maxRows, batchRows: 7 });
      let delivered = 0;
      const holds = () => {
        const counts = sink.counts();
        expect(counts.delivered).toBe(delivered);
        expect(counts.written + counts.refused + counts.waiting + counts.lost).toBe(delivered);
        expect(counts.waiting).toBeLessThanOrEqual(maxRows);
        expect(Object.values(counts.reasons).reduce((sum, count) => sum + count, 0)).toBe(counts.refused + counts.lost);
      };
      for (const step of work) {
        if (typeof step === 'object') {
          for (let i = 0; i < step.rows; i++) {
            sink.accept(message(delivered++));
            holds();
          }
        } else if (step === 'turn') await turn();
        else if (step === 'ready') await sink.ready();
        else await sink.flush();
        holds();
      }
      await sink.close();
      holds();
      expect(sink.counts().waiting).toBe(0);
      // In order, and nothing twice.
      expect(driver.stored).toEqual([...new Set(driver.stored)].sort((a, b) => Number(a) - Number(b)));
    }),
    { seed: 20260101, numRuns: process.env.SIPCAP_LONG === '1' ? 1000 : 100 },
  );
});
