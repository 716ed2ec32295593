/** Two writers to one database: twice the batches in flight, the same accounting. */
import { expect, test } from '@jest/globals';
import { silentLog, type Message, type StoreBatch, type StoreDriver, type WriteOutcome } from '../../../src/lib/base/index.js';
import { BatchingSink } from '../../../src/lib/sink/batch/batching-sink.js';
import { ConcurrentWriters } from '../../../src/lib/sink/batch/concurrent-writers.js';
import { hepMessage } from '../../rigs/messages.js';

const COLUMNS = ['number'];

function message(number: number): Message {
  return hepMessage({ payload: Buffer.alloc(10), frameNumber: number });
}

/** Replies when released. */
class HeldDriver implements StoreDriver {
  stored: number[] = [];
  sizes: number[] = [];
  closed = false;
  outcome: WriteOutcome = { outcome: 'stored', refused: [] };
  private waiting: (() => void)[] = [];
  private free = false;

  async open(): Promise<void> {}

  async write(batch: StoreBatch): Promise<WriteOutcome> {
    if (!this.free) await new Promise<void>((resolve) => this.waiting.push(resolve));
    if (this.outcome.outcome === 'stored') {
      for (const { values, count } of batch.rows) this.stored.push(...(values.slice(0, count) as number[]));
      this.sizes.push(batch.rows[0].count);
    }
    return this.outcome;
  }

  async close(): Promise<void> {
    this.closed = true;
  }

  release(): void {
    this.free = true;
    for (const wake of this.waiting.splice(0)) wake();
  }

  get inFlight(): number {
    return this.waiting.length;
  }
}

function lanesOf(drivers: StoreDriver[]): ConcurrentWriters {
  return new ConcurrentWriters(
    drivers.map(
      (driver, writer) =>
        new BatchingSink({
          name: 'database',
          driver,
          log: silentLog,
          batchRows: 10,
          batchBytes: 1e6,
          ageMs: 5,
          maxRows: 50,
          giveUpMs: 0,
          rows: { table: () => 't', columns: () => COLUMNS, push: ({ frameNumber }, into, at) => (into[at] = frameNumber) },
          positions: () => [{ stream: `lane ${writer}`, position: '' }],
          sequences: new Map(),
          onRefused: () => {},
        }),
    ),
  );
}

const turn = () => new Promise((resolve) => setImmediate(resolve));
const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);

test('both writers are in flight with full batches; full only when both are; all rows are stored once', async () => {
  const drivers = [new HeldDriver(), new HeldDriver()];
  const sink = lanesOf(drivers);
  const room = numbers(40).map((number) => sink.accept(message(number)));
  await turn();
  expect(drivers.map(({ inFlight }) => inFlight)).toEqual([1, 1]);
  expect(room.indexOf(false)).toBe(39);
  let ready = false;
  const waiting = sink.ready().then(() => (ready = true));
  await turn();
  expect(ready).toBe(false);
  drivers[1].release();
  await waiting;
  expect(sink.accept(message(40))).toBe(true);
  drivers[0].release();
  await sink.flush();
  expect([...drivers[0].stored, ...drivers[1].stored].sort((a, b) => a - b)).toEqual(numbers(41));
  expect(drivers.flatMap(({ sizes }) => sizes).sort((a, b) => b - a)).toEqual([10, 10, 10, 10, 1]);
  expect(sink.counts()).toEqual({ delivered: 41, written: 41, refused: 0, waiting: 0, lost: 0, reasons: {} });
  await sink.close();
  expect(drivers.map(({ closed }) => closed)).toEqual([true, true]);
});

test('rows delivered to a full sink use the queues of both writers, then are dropped and counted', async () => {
  const drivers = [new HeldDriver(), new HeldDriver()];
  const sink = lanesOf(drivers);
  for (const number of numbers(150)) sink.accept(message(number));
  const { delivered, waiting, lost, reasons } = sink.counts();
  expect([delivered, waiting, lost, reasons]).toEqual([150, 100, 50, { queue_full: 50 }]);
  for (const driver of drivers) driver.release();
  await sink.close();
  expect(sink.counts()).toMatchObject({ written: 100, waiting: 0, lost: 50 });
});

test('a stopped writer is skipped; when all have stopped, it is reported', async () => {
  const drivers = [new HeldDriver(), new HeldDriver()];
  drivers[0].outcome = { outcome: 'conflict' };
  for (const driver of drivers) driver.release();
  const sink = lanesOf(drivers);
  for (const number of numbers(10)) sink.accept(message(number));
  await sink.flush();
  expect(sink.failure).toBe('');
  for (const number of numbers(35)) sink.accept(message(number));
  await sink.flush();
  expect(sink.counts()).toMatchObject({ delivered: 45, written: 35, lost: 10 });
  drivers[1].outcome = { outcome: 'unavailable', reason: 'away' };
  sink.accept(message(0));
  await sink.flush();
  expect(sink.failure).toBe('conflict');
  expect(sink.counts()).toMatchObject({ delivered: 46, written: 35, lost: 11 });
  await sink.close();
});
