/** Killed while it writes: everything that was flushed is there, nothing is damaged but a torn end. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspectSpool } from '../../../src/lib/sink/spool/index.js';
import { until } from '../relay/relay-rig.js';
import { Child } from './children.js';
import { openSpool, range, readTexts, remove, temporaryDirectory } from './spool-rig.js';

const ROUNDS = process.env.SIPCAP_LONG === '1' ? 40 : 3;

let directory: string;
let child: Child | null = null;
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(async () => {
  await child?.kill();
  remove(directory);
});

test.each(['always', 'interval', 'never'])('SIGKILL while appending, sync %s', async (sync) => {
  for (let round = 0; round < ROUNDS; round++) {
    const place = `${directory}/${round}`;
    child = new Child('test/sink/spool/child-appender.ts', [place, sync]);
    await until('it writes', () => child!.lines.length > 2 || child!.ended);
    await sleep(round * 17);
    await child.kill();
    const flushed = Number(child.lines[child.lines.length - 1]);
    const report = inspectSpool(place);
    expect(report.ownerPid).toBe(0);
    expect(report.damages.filter(({ kind }) => kind !== 'torn')).toEqual([]);
    expect(report.goodRecords).toBeGreaterThanOrEqual(flushed);
    const spool = await openSpool(place);
    // A torn record is one of the recovered, until reading finds it lost.
    expect([0, report.damages.length]).toContain(spool.recovered - report.goodRecords);
    expect(readTexts(spool)).toEqual(range(0, report.goodRecords));
    await spool.close();
  }
});

test('a running owner is reported, a killed one is ignored', async () => {
  child = new Child('test/sink/spool/child-appender.ts', [directory, 'never']);
  await until('it writes', () => child!.lines.length > 0);
  await expect(openSpool(directory)).rejects.toThrow(/in use by process \d+: two processes cannot share a spool/);
  expect(inspectSpool(directory).damages).toEqual([]);
  await child.kill();
  await (await openSpool(directory)).close();
});
