/** Whatever is killed and however files grow, every message is admitted exactly once. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Position } from '../../src/lib/base/index.js';
import { PositionBook } from '../../src/lib/service/position-book.js';
import { hepMessage } from '../format/make-message.js';
import { ModelDatabase, runImport, type PlannedRecord, type Run } from './read-again.js';

const message = (frameNumber: number, text = `message of ${frameNumber}`) => hepMessage({ frameNumber, payload: Buffer.from(text) });
const stored = (frame: number, index: number, tail: string[] = []): Position => ({ head: 'h', frame, index, bytes: frame * 100, digest: `d${frame}`, tail });

function bookOf(resumes: (Position | null)[], frames: number[]): PositionBook {
  return new PositionBook(
    resumes.map((resume, i) => ({ stream: `s${i}`, resume })),
    (index) => ({ head: 'h', frame: frames[index], bytes: frames[index] * 100, digest: `d${frames[index]}` }),
  );
}

const told = (book: PositionBook) => Object.fromEntries(book.positions().map(({ stream, position }) => [stream, JSON.parse(position) as Position]));

test('what lies at or before the stored position is passed over, by frame and by place in the frame', () => {
  const book = bookOf([stored(3, 2)], [0]);
  expect([[1, 1], [2, 9], [3, 1], [3, 2], [3, 3], [4, 1]].map(([frame, index]) => book.admit(message(frame), 0, index, false))).toEqual([false, false, false, false, true, true]);
});

test('a position is that of the record in hand, with the messages that it has brought so far', () => {
  const frames = [0];
  const book = bookOf([null], frames);
  expect(told(book)).toEqual({});
  frames[0] = 5;
  book.admit(message(5), 0, 1, false);
  book.admit(message(5), 0, 2, false);
  expect(told(book)).toEqual({ s0: stored(5, 2) });
  // Nothing new came of it since.
  expect(told(book)).toEqual({});
  frames[0] = 8;
  book.admit(message(7), 0, 1, false);
  expect(told(book)).toEqual({ s0: stored(8, 0) });
});

test('only the files that moved tell a position', () => {
  const frames = [4, 6];
  const book = bookOf([null, stored(2, 1)], frames);
  book.admit(message(4), 0, 1, false);
  book.admit(message(2), 1, 1, false);
  expect(Object.keys(told(book))).toEqual(['s0']);
});

describe('what only the end brought out', () => {
  test('is told in the position, and is not new when a grown file brings it by itself; the same text a second time is', () => {
    const first = bookOf([null], [2]);
    first.admit(message(1, 'a'), 0, 1, false);
    expect(first.admit(message(2, 'late'), 0, 1, true)).toBe(true);
    const { s0 } = told(first);
    expect(s0.tail).toHaveLength(1);
    const grown = bookOf([s0], [3]);
    expect([grown.admit(message(3, 'late'), 0, 1, false), grown.admit(message(3, 'late'), 0, 2, false)]).toEqual([false, true]);
    expect(told(grown).s0.tail).toEqual([]);
  });

  test('comes from its own flow: the same text of another is new', () => {
    const first = bookOf([null], [2]);
    first.admit(message(2, 'late'), 0, 1, false);
    first.admit(message(2, 'late'), 0, 1, true);
    const grown = bookOf([told(first).s0], [3]);
    expect(grown.admit({ ...message(3, 'late'), sourcePort: 1 }, 0, 1, false)).toBe(true);
    expect(grown.admit(message(3, 'late'), 0, 2, false)).toBe(false);
  });

  test('belongs to the whole run: it may come by another file, and every file tells what is left', () => {
    const first = bookOf([null, null], [1, 1]);
    first.admit(message(1, 'a'), 0, 1, false);
    first.admit(message(1, 'b'), 1, 1, false);
    first.admit(message(1, 'late'), 0, 1, true);
    const { s0, s1 } = told(first);
    expect(s1.tail).toEqual(s0.tail);
    const grown = bookOf([s0, s1], [1, 2]);
    expect(grown.admit(message(2, 'late'), 1, 1, false)).toBe(false);
    expect([told(grown).s0, told(grown)]).toEqual([{ ...s0, tail: [] }, {}]);
  });

  test('does not take back a file that is still read again up to its stored position', () => {
    const tail = told((() => {
      const book = bookOf([null], [1]);
      book.admit(message(1), 0, 1, false);
      book.admit(message(1, 'late'), 0, 1, true);
      return book;
    })()).s0.tail;
    const book = bookOf([stored(2, 1, tail), stored(1000, 3, tail), stored(7, 1, tail)], [3, 500, 0]);
    book.admit(message(500), 1, 1, false);
    expect(book.admit(message(3, 'late'), 0, 1, false)).toBe(false);
    expect(told(book)).toEqual({ s0: stored(3, 1), s1: stored(1000, 3), s2: stored(7, 1) });
  });
});

const MOST_RECORDS = 14;
const record = fc.record({
  file: fc.nat(2),
  messages: fc.array(fc.record({ text: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), waits: fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: 1, max: 6 }) }) }), { maxLength: 3 }),
});
const run = fc.record({ growth: fc.nat(5), killedAfter: fc.nat(MOST_RECORDS * 2), batch: fc.integer({ min: 1, max: 4 }) });

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
  fc.assert(fc.property(fc.array(record, { minLength: 1, maxLength: MOST_RECORDS }), fc.array(run, { maxLength: 6 }), (records, runs) => {
    const plan = planOf(records);
    const database = importAll(plan, runs);
    expect([...database.rows].sort()).toEqual(plan.flatMap(({ messages }) => messages.map(({ text }) => text)).sort());
    // And once more changes nothing.
    const before = database.rows.length;
    runImport(plan, 3, { there: plan.length, killedAt: plan.length + 1, batch: 1 }, database);
    expect(database.rows).toHaveLength(before);
  }), { seed: 20_260, numRuns: 4000 });
});

test('no position ever goes back', () => {
  fc.assert(fc.property(fc.array(record, { minLength: 1, maxLength: MOST_RECORDS }), fc.array(run, { maxLength: 6 }), (records, runs) => {
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
  }), { seed: 20_261, numRuns: 2000 });
});
