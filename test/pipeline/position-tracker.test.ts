/** Whatever is killed and however files grow, every message is admitted exactly once. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Position } from '../../src/lib/base/index.js';
import { PositionTracker } from '../../src/lib/pipeline/output/position-tracker.js';
import { hepMessage } from '../rigs/messages.js';
import { ModelDatabase, runImport, type PlannedRecord, type Run } from '../rigs/read-again.js';

const message = (frameNumber: number, text = `message of ${frameNumber}`) => hepMessage({ frameNumber, payload: Buffer.from(text) });
const stored = (frame: number, index: number, tail: string[] = []): Position => ({
  head: 'h',
  frame,
  index,
  bytes: frame * 100,
  digest: `d${frame}`,
  tail,
});

function bookOf(resumes: (Position | null)[], frames: number[]): PositionTracker {
  return new PositionTracker(
    resumes.map((resume, i) => ({ stream: `s${i}`, resume })),
    (index) => ({ head: 'h', frame: frames[index], bytes: frames[index] * 100, digest: `d${frames[index]}` }),
  );
}

const reported = (tracker: PositionTracker) =>
  Object.fromEntries(tracker.positions().map(({ stream, position }) => [stream, JSON.parse(position) as Position]));

test('messages up to the stored position are skipped, by frame and by place in the frame', () => {
  const tracker = bookOf([stored(3, 2)], [0]);
  expect(
    [
      [1, 1],
      [2, 9],
      [3, 1],
      [3, 2],
      [3, 3],
      [4, 1],
    ].map(([frame, index]) => tracker.accept(message(frame), 0, index, false)),
  ).toEqual([false, false, false, false, true, true]);
});

test('a position is that of the current record, with the messages it has delivered so far', () => {
  const frames = [0];
  const tracker = bookOf([null], frames);
  expect(reported(tracker)).toEqual({});
  frames[0] = 5;
  tracker.accept(message(5), 0, 1, false);
  tracker.accept(message(5), 0, 2, false);
  expect(reported(tracker)).toEqual({ s0: stored(5, 2) });
  // Nothing new has been delivered since.
  expect(reported(tracker)).toEqual({});
  frames[0] = 8;
  tracker.accept(message(7), 0, 1, false);
  expect(reported(tracker)).toEqual({ s0: stored(8, 0) });
});

test('only files that advanced report a position', () => {
  const frames = [4, 6];
  const tracker = bookOf([null, stored(2, 1)], frames);
  tracker.accept(message(4), 0, 1, false);
  tracker.accept(message(2), 1, 1, false);
  expect(Object.keys(reported(tracker))).toEqual(['s0']);
});

describe('messages released only at the end of the input', () => {
  test('are in the position, and not new when a grown file completes them; a repetition of the text is', () => {
    const first = bookOf([null], [2]);
    first.accept(message(1, 'a'), 0, 1, false);
    expect(first.accept(message(2, 'late'), 0, 1, true)).toBe(true);
    const { s0 } = reported(first);
    expect(s0.tail).toHaveLength(1);
    const grown = bookOf([s0], [3]);
    expect([grown.accept(message(3, 'late'), 0, 1, false), grown.accept(message(3, 'late'), 0, 2, false)]).toEqual([false, true]);
    expect(reported(grown).s0.tail).toEqual([]);
  });

  test('belong to their flow: the same text in another flow is new', () => {
    const first = bookOf([null], [2]);
    first.accept(message(2, 'late'), 0, 1, false);
    first.accept(message(2, 'late'), 0, 1, true);
    const grown = bookOf([reported(first).s0], [3]);
    expect(grown.accept({ ...message(3, 'late'), sourcePort: 1 }, 0, 1, false)).toBe(true);
    expect(grown.accept(message(3, 'late'), 0, 2, false)).toBe(false);
  });

  test('belong to the whole run: another file may complete them, and every position has the rest', () => {
    const first = bookOf([null, null], [1, 1]);
    first.accept(message(1, 'a'), 0, 1, false);
    first.accept(message(1, 'b'), 1, 1, false);
    first.accept(message(1, 'late'), 0, 1, true);
    const { s0, s1 } = reported(first);
    expect(s1.tail).toEqual(s0.tail);
    const grown = bookOf([s0, s1], [1, 2]);
    expect(grown.accept(message(2, 'late'), 1, 1, false)).toBe(false);
    expect([reported(grown).s0, reported(grown)]).toEqual([{ ...s0, tail: [] }, {}]);
  });

  test('may be the beginning of a message that a grown file completes: new, and counted; the end may be released again', () => {
    const first = bookOf([null], [2]);
    first.accept(message(1, 'a'), 0, 1, false);
    first.accept(message(2, 'only half'), 0, 1, true);
    const { s0 } = reported(first);
    const grown = bookOf([s0], [3]);
    expect(grown.accept(message(3, 'only half of it was there'), 0, 1, false)).toBe(true);
    expect(grown.accept(message(3, 'something else of that length'), 0, 2, false)).toBe(true);
    expect(grown.completedLater).toBe(1);
    const again = bookOf([reported(grown).s0], [4]);
    expect([again.accept(message(2, 'only half'), 0, 1, true), again.completedLater]).toEqual([false, 0]);
  });

  test('are recognised also from a position without lengths', () => {
    const first = bookOf([null], [2]);
    first.accept(message(1, 'a'), 0, 1, false);
    first.accept(message(2, 'late'), 0, 1, true);
    const { s0 } = reported(first);
    const old = bookOf([{ ...s0, tail: s0.tail.map((key) => key.slice(0, 32)) }], [3]);
    expect([old.accept(message(3, 'later'), 0, 1, false), old.completedLater]).toEqual([true, 0]);
    expect(old.accept(message(3, 'late'), 0, 2, false)).toBe(false);
  });

  test('do not move back a file that is being re-read up to its stored position', () => {
    const tail = reported(
      (() => {
        const tracker = bookOf([null], [1]);
        tracker.accept(message(1), 0, 1, false);
        tracker.accept(message(1, 'late'), 0, 1, true);
        return tracker;
      })(),
    ).s0.tail;
    const tracker = bookOf([stored(2, 1, tail), stored(1000, 3, tail), stored(7, 1, tail)], [3, 500, 0]);
    tracker.accept(message(500), 1, 1, false);
    expect(tracker.accept(message(3, 'late'), 0, 1, false)).toBe(false);
    expect(reported(tracker)).toEqual({ s0: stored(3, 1), s1: stored(1000, 3), s2: stored(7, 1) });
  });
});

const MAX_RECORDS = 14;
const record = fc.record({
  file: fc.nat(2),
  messages: fc.array(
    fc.record({
      text: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
      waits: fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: 1, max: 6 }) }),
    }),
    { maxLength: 3 },
  ),
});
const run = fc.record({ growth: fc.nat(5), killedAfter: fc.nat(MAX_RECORDS * 2), batch: fc.integer({ min: 1, max: 4 }) });

/** Numbers the records of each file, and says from which record on the end would bring a message out. */
function planOf(records: { file: number; messages: { text: string; waits: number }[] }[]): PlannedRecord[] {
  const frames = [0, 0, 0];
  return records.map(({ file, messages }, at) => ({
    file,
    frame: ++frames[file],
    messages: messages.map(({ text, waits }) => ({ text, since: waits === 0 ? -1 : Math.max(0, at - waits) })),
  }));
}

function importAll(plan: PlannedRecord[], runs: { growth: number; killedAfter: number; batch: number }[]): ModelDatabase {
  const database = new ModelDatabase();
  let there = 0;
  for (const { growth, killedAfter, batch } of runs) {
    there = Math.min(plan.length, there + growth);
    const one: Run = { there, killedAt: killedAfter, batch };
    runImport(plan, 3, one, database);
  }
  runImport(plan, 3, { there: plan.length, killedAt: plan.length + 1, batch: 2 }, database);
  return database;
}

test('random files, kills and growth: exactly once', () => {
  fc.assert(
    fc.property(fc.array(record, { minLength: 1, maxLength: MAX_RECORDS }), fc.array(run, { maxLength: 6 }), (records, runs) => {
      const plan = planOf(records);
      const database = importAll(plan, runs);
      expect([...database.rows].sort()).toEqual(plan.flatMap(({ messages }) => messages.map(({ text }) => text)).sort());
      // And once more changes nothing.
      const before = database.rows.length;
      runImport(plan, 3, { there: plan.length, killedAt: plan.length + 1, batch: 1 }, database);
      expect(database.rows).toHaveLength(before);
    }),
    { seed: 20_260, numRuns: 4000 },
  );
});

test('positions never go back', () => {
  fc.assert(
    fc.property(fc.array(record, { minLength: 1, maxLength: MAX_RECORDS }), fc.array(run, { maxLength: 6 }), (records, runs) => {
      const plan = planOf(records);
      const database = new ModelDatabase();
      let there = 0;
      for (const { growth, killedAfter, batch } of runs) {
        const before = new Map(database.positions);
        there = Math.min(plan.length, there + growth);
        runImport(plan, 3, { there, killedAt: killedAfter, batch }, database);
        for (const [stream, position] of before) {
          const now = database.positions.get(stream)!;
          expect(now.frame > position.frame || (now.frame === position.frame && now.index >= position.index)).toBe(true);
        }
      }
    }),
    { seed: 20_261, numRuns: 2000 },
  );
});
