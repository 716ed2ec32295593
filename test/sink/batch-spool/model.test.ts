/** Random work, crashes, evictions and outages against a small model: what the page of states.ts promises holds. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import type { SpoolOptions } from '../../../src/lib/sink/spool/index.js';
import { remove, temporaryDirectory } from '../spool/spool-rig.js';
import { ModelProcess, untilTrue } from './batch-spool-rig.js';
import { ModelDatabase, type Fate } from './model-database.js';

const RUNS = process.env.SIPCAP_LONG === '1' ? 1500 : 50;

type Step =
  | { do: 'write'; rows: number }
  | { do: 'fates'; fates: Fate[] }
  | { do: 'away' | 'back' | 'answer' | 'settle' | 'restart' | 'stop' }
  | { do: 'crash'; flushed: boolean };

const write = fc.record({ do: fc.constant('write' as const), rows: fc.integer({ min: 1, max: 20 }) });
const fates = fc.record({
  do: fc.constant('fates' as const),
  fates: fc.array(fc.constantFrom<Fate>('prompt', 'late', 'unavailable', 'lost'), { minLength: 1, maxLength: 4 }),
});
const outage = fc.record({ do: fc.constantFrom('away' as const, 'back' as const, 'answer' as const, 'settle' as const) });
const restart = fc.record({ do: fc.constantFrom('restart' as const, 'stop' as const) });
const crash = fc.record({ do: fc.constant('crash' as const), flushed: fc.boolean() });

let directory: string;
let places = 0;
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => remove(directory));

/** The processes that ran one after the other, and the rows that a crash may have taken with it. */
interface History {
  database: ModelDatabase;
  processes: ModelProcess[];
  mayBeLost: Set<number>;
}

function expectLaw({ counts }: ModelProcess): void {
  const { before, taken, written, refused, waiting, lost } = counts;
  expect({ ...counts, sum: written + refused + waiting + lost }).toEqual({ ...counts, sum: before + taken });
}

async function play(steps: readonly Step[], refuses: number, options: Partial<SpoolOptions>): Promise<History> {
  const database = new ModelDatabase();
  database.refuses = refuses;
  const start = (place: string) => ModelProcess.start(database, place, `live:${places++}`, options);
  const nextPlace = () => `${directory}/${places++}`;
  let current = await start(nextPlace());
  const history: History = { database, processes: [current], mayBeLost: new Set() };
  let number = 1;
  const finish = async () => {
    database.away = false;
    database.fates = [];
    await untilTrue('all is stored', () => {
      database.answer();
      return current.spool.state === 'direct' && database.held === 0;
    });
    await current.close();
    expectLaw(current);
    expect(current.counts.waiting).toBe(0);
  };
  for (const step of steps) {
    switch (step.do) {
      case 'write':
        await current.write(Array.from({ length: step.rows }, () => number++));
        break;
      case 'fates':
        database.fates.push(...step.fates);
        break;
      case 'away':
      case 'back':
        database.away = step.do === 'away';
        break;
      case 'answer':
        database.answer();
        break;
      case 'settle':
        await sleep(5);
        break;
      case 'restart':
        await finish();
        history.processes.push((current = await start(current.directory)));
        break;
      case 'stop':
        // In order, but with a backlog, and perhaps a write that is never answered.
        await current.spool.close(10);
        await current.spool.end(10);
        expectLaw(current);
        current.store.kill();
        history.processes.push((current = await start(current.directory)));
        break;
      case 'crash': {
        if (step.flushed) await current.log.flush();
        else for (const row of current.taken) if (!database.rows.includes(row)) history.mayBeLost.add(row);
        const place = nextPlace();
        current.crash(place);
        database.answer();
        await current.bury();
        history.processes.push((current = await start(place)));
        break;
      }
    }
    expectLaw(current);
  }
  await finish();
  return history;
}

function expectOrder({ database, processes }: History): void {
  expect(new Set(database.rows).size).toBe(database.rows.length);
  for (const { taken } of processes) {
    const own = new Set(taken);
    const stored = database.rows.filter((row) => own.has(row));
    expect(stored).toEqual([...stored].sort((a, b) => a - b));
  }
}

function rowsOf({ database, processes }: History): { all: number[]; missing: number[] } {
  const all = processes.flatMap(({ taken }) => taken);
  const there = new Set([...database.rows, ...database.refusedRows]);
  return { all, missing: all.filter((row) => !there.has(row)) };
}

test('with crashes: every row is stored or refused exactly once, in order', async () => {
  const steps = fc.array(
    fc.oneof({ weight: 6, arbitrary: write }, { weight: 3, arbitrary: fates }, { weight: 4, arbitrary: outage }, restart, crash),
    {
      maxLength: 24,
    },
  );
  await fc.assert(
    fc.asyncProperty(steps, fc.constantFrom(0, 7), async (work, refuses) => {
      const history = await play(work, refuses, { segmentBytes: 2000 });
      expectOrder(history);
      expect(rowsOf(history).missing.filter((row) => !history.mayBeLost.has(row))).toEqual([]);
      const { database, processes } = history;
      // Each refused row is reported once, also where a crash took the answer with it.
      const reported = processes.flatMap(({ quarantined }) => quarantined);
      expect([...reported].sort((a, b) => a - b)).toEqual([...database.refusedRows].sort((a, b) => a - b));
      if (!work.some((step) => step.do === 'crash' || step.do === 'stop')) {
        expect(processes.reduce((sum, { counts }) => sum + counts.refused, 0)).toBe(reported.length);
        expect(processes.reduce((sum, { counts }) => sum + counts.written, 0)).toBe(database.rows.length);
      }
    }),
    { seed: 12, numRuns: RUNS },
  );
}, 600_000);

test('with evictions: missing rows are counted as lost, and no others', async () => {
  const steps = fc.array(fc.oneof({ weight: 12, arbitrary: write }, { weight: 3, arbitrary: fates }, { weight: 4, arbitrary: outage }), {
    minLength: 10,
    maxLength: 40,
  });
  await fc.assert(
    fc.asyncProperty(steps, fc.constantFrom(0, 7), async (work, refuses) => {
      const history = await play([{ do: 'away' }, ...work], refuses, { segmentBytes: 600, maxBytes: 1800 });
      expectOrder(history);
      const [{ counts, quarantined, spool }] = history.processes;
      expect(counts).toEqual({
        before: 0,
        taken: rowsOf(history).all.length,
        written: history.database.rows.length,
        refused: history.database.refusedRows.size,
        waiting: 0,
        lost: rowsOf(history).missing.length,
      });
      expect(quarantined).toHaveLength(history.database.refusedRows.size);
      expect(spool.accounts.lost.total()).toBe(counts.lost);
    }),
    { seed: 13, numRuns: RUNS },
  );
}, 600_000);

test('the model detects errors: a batch written twice under another number fails', async () => {
  const database = new ModelDatabase();
  const running = await ModelProcess.start(database, directory, 'live:x');
  await running.write([1, 2]);
  expect(
    database.commit({
      streams: [{ stream: 'live:x', sequence: 2, position: '' }],
      rows: [{ table: 't', columns: ['number'], values: [1], count: 1 }],
    }).outcome,
  ).toBe('stored');
  expect(() => expectOrder({ database, processes: [running], mayBeLost: new Set() })).toThrow();
  await running.close();
  await untilTrue('nothing is held', () => database.held === 0);
});
