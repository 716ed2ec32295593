/** A spool as a source: in order, with pauses where the receiver is full, and never after stop. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { SpoolSource } from '../../../src/lib/capture/spool.js';
import { appendTexts, openSpool, range, remove, temporaryDirectory } from '../spool/spool-rig.js';

let directory: string;
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => remove(directory));

test('delivers the backlog, pauses on request, and leaves the acknowledgement to the owner', async () => {
  const spool = await openSpool(directory);
  appendTexts(spool, 0, 3000);
  const source = new SpoolSource(spool);
  const seen: number[] = [];
  let waits = 0;
  await source.start(
    (one) => {
      seen.push(Number(one.payload.toString().split(' ')[1]));
      return seen.length % 100 !== 0;
    },
    { ready: async () => void waits++ },
  );
  expect(seen).toEqual(range(0, 3000));
  expect([waits, source.lastNumber, spool.status().backlogRecords]).toEqual([30, 3000, 3000]);
  spool.acknowledge(source.lastNumber);
  expect(spool.status().backlogRecords).toBe(0);
  await spool.close();
});

test('after stop nothing is delivered', async () => {
  const spool = await openSpool(directory);
  appendTexts(spool, 0, 5000);
  const source = new SpoolSource(spool);
  let delivered = 0;
  const running = source.start(() => ++delivered > 0, { ready: () => Promise.resolve() });
  await source.stop();
  await running;
  const after = delivered;
  expect(after).toBeLessThan(5000);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(delivered).toBe(after);
  await spool.close();
});
