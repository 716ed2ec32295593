/** The batching sink in front of a driver that stores, refuses, knows, fails and hangs by a script. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  silentLog,
  NO_FRAMES,
  type ColumnValue,
  type Message,
  type RefusedRow,
  type StoreBatch,
  type StoreDriver,
  type WriteOutcome,
} from '../../../src/lib/base/index.js';
import { BatchingSink, type BatchingOptions } from '../../../src/lib/sink/batch/batching-sink.js';

const COLUMNS = ['number', 'msg'];

function message(number: number, table = 't'): Message {
  return {
    capturedAt: number,
    sourceAddress: '127.0.0.1',
    sourcePort: 5060,
    destinationAddress: '127.0.0.1',
    destinationPort: 5060,
    protocol: 17,
    family: 2,
    payloadType: 1,
    payload: Buffer.from(`message ${number}`),
    captureId: -1,
    captureName: table,
    correlationId: '',
    vlan: -1,
    outerSource: '',
    outerDestination: '',
    frameNumber: number,
    envelope: null,
    sip: null,
    frames: NO_FRAMES,
  };
}

/** Answers from a list, then `stored`; keeps what it stored. */
class ScriptedDriver implements StoreDriver {
  batches: StoreBatch[] = [];
  stored: ColumnValue[] = [];
  calls = 0;
  running = 0;
  closed = false;
  /** Held writes wait for `release`. */
  private gates: (() => void)[] = [];
  hold = false;

  constructor(private readonly outcomes: WriteOutcome[] = []) {}

  async open(): Promise<void> {}

  async write(batch: StoreBatch): Promise<WriteOutcome> {
    expect(this.closed).toBe(false);
    expect(++this.running).toBe(1);
    this.calls++;
    if (this.hold) await new Promise<void>((resolve) => this.gates.push(resolve));
    else await new Promise((resolve) => setImmediate(resolve));
    this.running--;
    const outcome = this.outcomes.shift() ?? { outcome: 'stored', refused: [] };
    if (outcome.outcome === 'stored') {
      this.batches.push(batch);
      const refused = new Set(outcome.refused.map(({ table, row }) => `${table} ${row}`));
      for (const { table, values, count } of batch.rows)
        for (let row = 0; row < count; row++) if (!refused.has(`${table} ${row}`)) this.stored.push(values[row * 2]);
    }
    return outcome;
  }

  async close(): Promise<void> {
    this.closed = true;
  }

  release(): void {
    for (const gate of this.gates.splice(0)) gate();
  }
}

function sinkOf(driver: StoreDriver, changes: Partial<BatchingOptions> = {}): BatchingSink {
  return new BatchingSink({
    name: 'database',
    driver,
    log: silentLog,
    batchRows: 10,
    batchBytes: 1e6,
    ageMs: 5,
    maxRows: 1000,
    giveUpMs: 0,
    rows: {
      table: ({ captureName }) => captureName,
      columns: () => COLUMNS,
      push: ({ frameNumber, payload }, into, at) => {
        into[at] = frameNumber;
        into[at + 1] = payload;
      },
    },
    positions: () => [{ stream: 'writer', position: '' }],
    sequences: new Map(),
    onRefused: () => {},
    ...changes,
  });
}

const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
const turn = () => new Promise((resolve) => setImmediate(resolve));

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

  test('carry the streams that moved, each with its own sequence', async () => {
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

  test('a live writer that has nothing to store writes nothing', async () => {
    const driver = new ScriptedDriver();
    const sink = sinkOf(driver);
    await sink.flush();
    await sink.close();
    expect(driver.calls).toBe(0);
  });

  test('that are due while one is in flight go out as one', async () => {
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

describe('room', () => {
  test('one batch in flight, one waiting: then it is full, until the first is stored', async () => {
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

  test('who goes on all the same loses what goes beyond the limit, counted', async () => {
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

  test('flush answers under constant traffic', async () => {
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

describe('outcomes', () => {
  const away: WriteOutcome = { outcome: 'unavailable', reason: 'gone fishing' };

  test('unavailable: everything waits, is tried again with the same numbers, and stays in order', async () => {
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

  test('given up: all that waits and all that follows is lost and counted, nobody waits for ever', async () => {
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

  test('closing does not wait for a database that stays away', async () => {
    const driver = new ScriptedDriver(new Array<WriteOutcome>(1000).fill(away));
    const sink = sinkOf(driver, { giveUpMs: Infinity });
    sink.accept(message(0));
    await new Promise((resolve) => setTimeout(resolve, 50));
    const began = process.hrtime.bigint();
    await sink.close();
    expect(Number(process.hrtime.bigint() - began) / 1e9).toBeLessThan(12);
    expect(sink.counts()).toMatchObject({ waiting: 0, lost: 1 });
  });

  test('closing ends by the deadline when the server never answers; what is not stored is counted as lost, once', async () => {
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

  test('refused rows are handed over with their values and counted', async () => {
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

  test('known: was stored before, counts as written', async () => {
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

  test('conflict of a live stream: a new stream goes on with everything that waits, in order', async () => {
    const conflict: WriteOutcome = { outcome: 'conflict' };
    const driver = new ScriptedDriver([{ outcome: 'stored', refused: [] }, conflict]);
    const logged: string[] = [];
    let streams = 1;
    const sink = sinkOf(driver, {
      positions: () => [{ stream: `live:${streams}`, position: '' }],
      renewStreams: () => void streams++,
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
    const sink = sinkOf(new ScriptedDriver(new Array<WriteOutcome>(10).fill({ outcome: 'conflict' })), { renewStreams: () => {} });
    sink.accept(message(0));
    await sink.flush();
    expect([sink.failure, sink.counts().lost]).toEqual(['conflict', 1]);
  });

  test('a driver that throws has a bug: logged with its place, and everything is counted as lost', async () => {
    const driver = new ScriptedDriver();
    driver.write = async () => {
      throw new TypeError('oops');
    };
    const logged: string[] = [];
    const sink = sinkOf(driver, { giveUpMs: Infinity, log: { ...silentLog, error: (text) => logged.push(text) } });
    for (const number of numbers(0, 12)) sink.accept(message(number));
    await sink.flush();
    expect([sink.failure, sink.counts().reasons]).toEqual(['driver_failed', { driver_failed: 12 }]);
    expect(logged[0]).toMatch(/TypeError: oops[^]*batching-sink\.test/);
  });
});

test('law: delivered = written + refused + waiting + lost, at every moment, whatever the database does', async () => {
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
