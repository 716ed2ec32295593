/** The accounting and order of one backlog against a scripted network: whatever happens, the totals reconcile. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Backlog } from '../../../src/lib/sink/relay/backlog.js';
import { SentLog } from '../../../src/lib/sink/relay/sent-log.js';
import type { SpoolLog } from '../../../src/lib/sink/spool/index.js';
import { usedMemory } from '../../rigs/memory.js';
import { TestClock, openSpool, remove, temporaryDirectory } from '../spool/spool-rig.js';
import { numberOf, packet, range } from './relay-rig.js';

type Step = { do: 'offer' | 'send' | 'complete' | 'confirm' | 'die' | 'up' | 'drop' | 'restart' | 'step'; count: number };

const step: fc.Arbitrary<Step> = fc.record({
  do: fc.constantFrom('offer', 'offer', 'send', 'send', 'complete', 'confirm', 'die', 'up', 'drop', 'restart', 'step'),
  count: fc.integer({ min: 1, max: 60 }),
});

const QUEUE_BYTES = 2000;

/** Plays the steps; the network delivers what it completed, and what it had in flight it may or may not have delivered. */
async function play(steps: Step[], directory: string | null): Promise<void> {
  const clock = new TestClock();
  const open = () => (directory === null ? Promise.resolve(null) : openSpool(directory, { segmentBytes: 1500, clock }));
  let spool: SpoolLog | null = await open();
  const make = () => new Backlog({ clock, spool, rate: null, queueBytes: QUEUE_BYTES, tailBytes: 1e6, tailSeconds: 60 });
  let backlog = make();
  let made = 0;
  let writes: number[] = [];
  let connection: number[] = [];
  const arrived = new Set<number>();
  const dropped = new Set<number>();
  const holds = () => expect(backlog.sent + backlog.waiting + backlog.lost().total()).toBe(backlog.received);
  for (const { do: what, count } of steps) {
    if (what === 'offer') for (let i = 0; i < count; i++) backlog.enqueue(packet(made++, 20 + (made % 50)));
    if (what === 'send') {
      const spooled = backlog.spoolFirst;
      const parts: Buffer[] = [];
      for (let i = 0; i < count; i++) {
        const one = spooled ? backlog.nextSpooled() : backlog.nextLive();
        if (one === null) break;
        parts.push(one);
      }
      if (parts.length > 0) {
        backlog.markInFlight(Buffer.concat(parts), parts.length, false, spooled ? backlog.lastRecord : 0);
        writes.push(parts.length);
        connection.push(...parts.map(numberOf));
      }
    }
    if (what === 'complete' && writes.length > 0) backlog.completed(writes.shift()!);
    if (what === 'confirm') backlog.confirmOld();
    if (what === 'step') {
      clock.sinceMs += count * 1000;
      clock.nowMicros += (count - 30) * 1e12; // the wall clock leaps, back and forth
    }
    if (what === 'die') {
      backlog.suspend();
      writes = [];
      for (const number of connection) arrived.add(number);
      expect(connection).toEqual([...connection].sort((a, b) => a - b));
      connection = [];
    }
    if (what === 'up') backlog.resume();
    if (what === 'drop' && writes.length === 1 && writes[0] === 1) {
      writes = [];
      dropped.add(connection.pop()!);
      backlog.dropOldest('too_big');
    }
    if (what === 'restart' && spool !== null) {
      backlog.end();
      holds();
      expect(backlog.lost().total()).toBe(dropped.size);
      await spool.close();
      for (const number of connection) arrived.add(number);
      writes = [];
      connection = [];
      const waited = backlog.waiting;
      spool = await open();
      backlog = make();
      expect(backlog.received).toBe(waited);
      dropped.clear();
    }
    holds();
  }
  // in the end all goes out: everything that was made arrived at least once, or was counted
  backlog.suspend();
  backlog.resume();
  for (const number of connection) arrived.add(number);
  const rest: number[] = [];
  for (
    let one = backlog.spoolFirst ? backlog.nextSpooled() : backlog.nextLive();
    one !== null;
    one = backlog.spoolFirst ? backlog.nextSpooled() : backlog.nextLive()
  )
    rest.push(numberOf(one));
  expect(rest).toEqual([...rest].sort((a, b) => a - b));
  for (const number of rest) arrived.add(number);
  const lost = backlog.lost();
  if (directory === null) expect(made - arrived.size).toBeLessThanOrEqual(lost.total());
  else {
    expect(Object.keys(lost.toJSON()).filter((reason) => reason !== 'too_big')).toEqual([]);
    expect(range(0, made).filter((number) => !arrived.has(number) && !dropped.has(number)).length).toBeLessThanOrEqual(
      steps.filter((one) => one.do === 'drop').length,
    );
  }
  await spool?.close();
}

describe('accounting and order', () => {
  test('in memory', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), (steps) => play(steps, null)),
      { seed: 5, numRuns: 300 },
    );
  });

  test('with a spool', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const directory = temporaryDirectory();
        await play(steps, directory).finally(() => remove(directory));
      }),
      { seed: 6, numRuns: 150 },
    );
  });
});

test('a piece that left the log of a stream that never runs dry is free', () => {
  const log = new SentLog();
  const piece = () => ({ bytes: Buffer.alloc(64 * 1024), packets: 1, alone: true, record: 0, isContiguous: true, sentAtMs: 0 });
  log.push(piece());
  const before = usedMemory();
  for (let i = 0; i < 1000; i++) {
    log.push(piece());
    log.complete(1);
    log.shift();
  }
  // All of them together are 64 MB.
  expect(usedMemory() - before).toBeLessThan(32 * 1024 * 1024);
  expect([log.packets, log.bytes, log.oldest?.packets]).toEqual([1, 64 * 1024, 1]);
});
