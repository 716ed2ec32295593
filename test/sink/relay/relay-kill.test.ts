/** The relay process is killed while it spools and while it drains: what the spool had arrives, in order. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { findSpools, inspectSpool } from '../../../src/lib/sink/spool/index.js';
import { Child } from '../spool/children.js';
import { remove, temporaryDirectory } from '../spool/spool-rig.js';
import { TcpReceiver, expectOrder, firstSeen, freePort, range, until } from './relay-rig.js';

let directory: string;
let receiver: TcpReceiver;
let child: Child | null = null;
beforeEach(() => {
  directory = temporaryDirectory();
  receiver = new TcpReceiver();
});
afterEach(async () => {
  await child?.kill();
  await receiver.stop();
  remove(directory);
});

test('killed while spooling, then killed three times while draining', async () => {
  receiver.port = await freePort();
  child = new Child('test/sink/relay/child-relay.ts', [String(receiver.port), directory, '0', '0']);
  await until('it spools', () => child!.lines.length > 8 || child!.ended, 20_000);
  expect(child.errors).toBe('');
  await child.kill();
  const certain = Number(child.lines[child.lines.length - 1].split(' ')[0]);
  expect(certain).toBeGreaterThan(1000);
  const [spool] = findSpools(directory);
  const had = inspectSpool(spool).backlogRecords;
  expect(had).toBeGreaterThanOrEqual(certain);

  await receiver.start();
  for (let round = 0; round < 3; round++) {
    const seen = receiver.all.length;
    child = new Child('test/sink/relay/child-relay.ts', [String(receiver.port), directory, 'drain', '2000']);
    await until('it drains', () => receiver.all.length > seen + 200 || child!.ended, 20_000);
    await sleep(round * 40);
    await child.kill();
  }
  child = new Child('test/sink/relay/child-relay.ts', [String(receiver.port), directory, 'drain', '0']);
  expect(await child.end()).toBe(0);
  expect(firstSeen(receiver.all)).toEqual(range(0, had));
  expectOrder(receiver.connections);
  expect(inspectSpool(spool)).toMatchObject({ backlogRecords: 0, damages: [], ownerPid: 0 });
}, 60_000);

test('killed under traffic while the target goes up and down', async () => {
  await receiver.start();
  let certain: number;
  for (let round = 0; round < 3; round++) {
    const from = round * 1_000_000;
    child = new Child('test/sink/relay/child-relay.ts', [String(receiver.port), directory, String(from), '0']);
    await until('traffic', () => receiver.all.some((number) => number >= from) || child!.ended, 20_000);
    await receiver.kill();
    await until('it spools', () => child!.lines.length > 2 || child!.ended, 20_000);
    expect(child.errors).toBe('');
    await child.kill();
    certain = Number(child.lines[child.lines.length - 1].split(' ')[0]);
    await receiver.start();
    child = new Child('test/sink/relay/child-relay.ts', [String(receiver.port), directory, 'drain', '0']);
    expect(await child.end()).toBe(0);
    const mine = firstSeen(receiver.all.filter((number) => number >= from));
    expect(mine.length).toBeGreaterThanOrEqual(certain - from);
    expect(mine).toEqual(range(from, from + mine.length));
  }
  expectOrder(receiver.connections);
}, 60_000);

test('a drain without a reachable target reports the backlog and exits with 4', async () => {
  receiver.port = await freePort();
  child = new Child('test/sink/relay/child-relay.ts', [String(receiver.port), directory, '0', '0']);
  await until('it spools', () => child!.lines.length > 2 || child!.ended, 20_000);
  await child.kill();
  const had = inspectSpool(findSpools(directory)[0]).backlogRecords;
  child = new Child('test/sink/relay/child-relay.ts', [String(receiver.port), directory, 'drain', '0']);
  expect(await child.end()).toBe(4);
  expect(JSON.parse(child.lines[1])).toMatchObject({ sent: 0, backlog: had, lost: 0, lastError: expect.stringContaining('ECONNREFUSED') });
  expect(inspectSpool(findSpools(directory)[0]).backlogRecords).toBe(had);
}, 60_000);
