/** A full disk: accepted records are kept, others are refused, and writing resumes when there is space. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { unlinkSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../../../src/lib/base/index.js';
import { inspectSpool } from '../../../src/lib/sink/spool/index.js';
import { mountSmallDisk, unmountDisk } from '../../rigs/small-disk.js';
import { TcpReceiver, endpoint, expectLaw, firstSeen, freePort, openRelay, packet, range, until } from '../relay/relay-rig.js';
import { openSpool, readTexts, remove, temporaryDirectory } from './spool-rig.js';

let directory: string;
let mounted = false;
beforeEach(() => {
  directory = temporaryDirectory();
  mounted = mountSmallDisk(directory);
});
afterEach(() => {
  if (mounted) unmountDisk(directory);
  remove(directory);
});

/** Skipped with a warning if a tmpfs cannot be mounted (no root, or a container). */
function onSmallDisk(name: string, run: () => Promise<void>): void {
  test(name, async () => {
    if (!mounted) return console.warn('skipped: no tmpfs can be mounted here');
    await run();
  });
}

onSmallDisk('the log refuses, keeps what it took, and goes on', async () => {
  const spool = await openSpool(directory, { segmentBytes: 128 * 1024, clock: systemClock });
  const taken: number[] = [];
  let refused = 0;
  const append = (number: number) => {
    if (spool.append(Buffer.from(`record ${number} ${'.'.repeat(1000)}`))) taken.push(number);
    else refused++;
  };
  for (let number = 0; number < 2000; number++) append(number);
  expect(refused).toBeGreaterThan(500);
  expect(spool.refusal).toBe('disk_full');
  expect(taken.length + refused).toBe(2000);
  const first: number[] = [];
  for (let i = 0; i < 600; i++) first.push(Number(spool.read()!.payload.toString().split(' ')[1]));
  spool.acknowledge(600);
  await sleep(900); // the acknowledged segments go, and the disk is tried again
  for (let number = 2000; number < 2100; number++) append(number);
  expect(taken).toContain(2099);
  expect([...first, ...readTexts(spool)]).toEqual(taken);
  expect(spool.lost.total()).toBe(0);
  await spool.close();
  expect(inspectSpool(directory).damages).toEqual([]);
});

onSmallDisk('a relay counts what neither disk nor memory holds; the rest arrives in order', async () => {
  writeFileSync(`${directory}/ballast`, Buffer.alloc(600_000));
  const receiver = new TcpReceiver();
  receiver.port = await freePort();
  const relay = await openRelay([endpoint('tcp', receiver.port)], {
    spoolDirectory: directory,
    segmentBytes: 64 * 1024,
    queueBytes: 200_000,
    maxBackOffMs: 400,
  });
  await until('it is away', () => relay.counts()[0].failures > 0);
  const total = 3000;
  for (let i = 0; i < total; i++) {
    relay.send(packet(i, 1000), '');
    if (i % 100 === 0) {
      await sleep(1);
      expectLaw(relay.counts());
    }
  }
  const lost = relay.counts()[0].lost;
  expect(relay.counts()[0].reasons).toEqual({ disk_full: lost });
  expect(lost).toBeGreaterThan(1500);
  await receiver.start();
  await until('what was kept is there', () => new Set(receiver.all).size >= total - lost);
  unlinkSync(`${directory}/ballast`);
  for (let i = total; i < total + 100; i++) relay.send(packet(i, 1000), '');
  await until('and what came later', () => new Set(receiver.all).size === total - lost + 100);
  expect(firstSeen(receiver.all)).toEqual([...receiver.all].sort((a, b) => a - b));
  expect(firstSeen(receiver.all).slice(-100)).toEqual(range(total, total + 100));
  await relay.close();
  expectLaw(relay.counts());
  expect(relay.counts()[0]).toMatchObject({ received: total + 100, sent: total + 100 - lost, lost, waiting: 0 });
  await receiver.stop();
});
