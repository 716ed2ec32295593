/** Messages, and a scripted driver. */
import { expect } from '@jest/globals';
import {
  silentLog,
  type ColumnValue,
  type Message,
  type StoreBatch,
  type StoreDriver,
  type WriteOutcome,
} from '../../../src/lib/base/index.js';
import { BatchingSink, type BatchingOptions } from '../../../src/lib/sink/batch/batching-sink.js';
import { hepMessage } from '../../rigs/messages.js';

export const COLUMNS = ['number', 'msg'];

export function message(number: number, table = 't'): Message {
  return hepMessage({ capturedAt: number, payload: Buffer.from(`message ${number}`), captureName: table, frameNumber: number });
}

/** Returns outcomes from a list, then `stored`; keeps what it stored. */
export class ScriptedDriver implements StoreDriver {
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
      batch.beforeCommit?.(outcome.refused);
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

export function sinkOf(driver: StoreDriver, changes: Partial<BatchingOptions> = {}): BatchingSink {
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

export const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
export const turn = () => new Promise((resolve) => setImmediate(resolve));
