/** TCP targets: nothing is lost however the target behaves, and the order holds. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { RelaySink } from '../../../src/lib/sink/relay/index.js';
import { remove, temporaryDirectory } from '../spool/spool-rig.js';
import { TcpReceiver, endpoint, expectLaw, expectOrder, firstSeen, freePort, openRelay, packet, range, until } from './relay-rig.js';

let directory: string;
let receiver: TcpReceiver;
let relay: RelaySink | null = null;
beforeEach(async () => {
  directory = temporaryDirectory();
  receiver = new TcpReceiver();
});
afterEach(async () => {
  await relay?.close();
  relay = null;
  await receiver.stop();
  remove(directory);
});

test('packets arrive byte for byte and in order', async () => {
  await receiver.start();
  relay = await openRelay([endpoint('tcp', receiver.port)]);
  const sent = range(0, 5000).map((i) => packet(i, 20 + (i % 1400)));
  for (const one of sent) relay.send(one, '');
  await until('all there', () => receiver.packets.length === 5000);
  expect(Buffer.concat(receiver.packets).equals(Buffer.concat(sent))).toBe(true);
  await relay.close();
  expect(relay.counts()[0]).toMatchObject({ received: 5000, sent: 5000, waiting: 0, lost: 0, resent: 0, unconfirmed: 0, reconnects: 0 });
});

describe.each(['memory', 'spool'])('kept in %s', (kept) => {
  const options = () => ({ spoolDirectory: kept === 'spool' ? directory : null });

  test('target down at start', async () => {
    receiver.port = await freePort();
    relay = await openRelay([endpoint('tcp', receiver.port)], options());
    for (let i = 0; i < 1000; i++) relay.send(packet(i), '');
    await until('failures', () => relay!.counts()[0].failures > 3);
    expect(relay.counts()[0]).toMatchObject({ up: false, received: 1000, sent: 0, waiting: 1000, lost: 0 });
    await receiver.start();
    await until('all there', () => receiver.all.length === 1000);
    expect(receiver.all).toEqual(range(0, 1000));
    await until('the counts', () => relay!.counts()[0].sent === 1000);
    expectLaw(relay.counts());
  });

  test('target killed and restarted repeatedly under traffic', async () => {
    await receiver.start();
    relay = await openRelay([endpoint('tcp', receiver.port)], options());
    const total = 20_000;
    for (let i = 0; i < total;) {
      for (const end = Math.min(total, i + 40); i < end; i++) relay.send(packet(i, 700), '');
      if (i % 4000 === 2000) await receiver.kill();
      if (i % 4000 === 0) await receiver.start();
      await sleep(1);
      expectLaw(relay.counts());
    }
    await until('all there', () => new Set(receiver.all).size === total);
    expectOrder(receiver.connections);
    expect(firstSeen(receiver.all)).toEqual(range(0, total));
    await until('the counts', () => relay!.counts()[0].waiting === 0);
    const [counts] = relay.counts();
    expect(counts).toMatchObject({ received: total, sent: total, lost: 0 });
    expect(counts.reconnects).toBeGreaterThan(2);
    // what came twice was said to be sent again
    expect(counts.resent).toBeGreaterThanOrEqual(receiver.all.length - total);
  });

  test('target closes with unread bytes, which resets the connection: they are sent again', async () => {
    receiver.paused = true;
    await receiver.start();
    relay = await openRelay([endpoint('tcp', receiver.port)], options());
    for (let i = 0; i < 100; i++) relay.send(packet(i), '');
    await until('sent', () => relay!.counts()[0].sent === 100);
    await receiver.stop();
    receiver.paused = false;
    await receiver.start();
    await until('all there', () => receiver.all.length === 100);
    expect(relay.counts()[0]).toMatchObject({ resent: 100, sent: 100, waiting: 0 });
  });
});

test('a slow target reports full, and accepts again later', async () => {
  receiver.paused = true;
  await receiver.start();
  relay = await openRelay([endpoint('tcp', receiver.port)], { queueBytes: 1_000_000 });
  await until('connected', () => relay!.counts()[0].up);
  let sent = 0;
  for (let falses = 0; falses < 3;) {
    const room = relay.send(packet(sent++, 1400), '');
    falses = room ? 0 : falses + 1;
    if (!room || sent % 200 === 0) await sleep(10); // three times running it is the target, not our haste
  }
  let roomAgain = false;
  const ready = relay.ready().then(() => {
    roomAgain = true;
  });
  await sleep(50);
  expect(roomAgain).toBe(false);
  receiver.resume();
  await ready;
  await until('all there', () => receiver.all.length === sent);
  expect(receiver.all).toEqual(range(0, sent));
});

test('without a spool memory is limited: the rest is dropped and counted', async () => {
  relay = await openRelay([endpoint('tcp', await freePort())], { queueBytes: 10_000 });
  for (let i = 0; i < 1000; i++) expect(relay.send(packet(i), '')).toBe(true); // holds nobody up who cannot wait for it
  expect(relay.counts()[0]).toMatchObject({ received: 1000, waiting: 100, lost: 900, reasons: { queue_full: 900 } });
  await relay.close();
  expect(relay.counts()[0]).toMatchObject({ waiting: 0, lost: 1000, reasons: { queue_full: 900, target_down: 100 } });
  expect(relay.send(packet(0), '')).toBe(true);
  expect(relay.counts()[0]).toMatchObject({ received: 1001, lost: 1001 });
  expectLaw(relay.counts());
});

test('an unreachable target applies backpressure to a source that can wait', async () => {
  receiver.port = await freePort();
  relay = await openRelay([endpoint('tcp', receiver.port)], { queueBytes: 10_000, waitForTargets: true });
  let sent = 0;
  while (relay.send(packet(sent++), ''));
  const ready = relay.ready();
  await receiver.start();
  await ready;
  await until('all there', () => receiver.all.length === sent);
});

test('the queue of a slow target overflows to the spool, in order, also when the connection then fails', async () => {
  receiver.paused = true;
  await receiver.start();
  relay = await openRelay([endpoint('tcp', receiver.port)], { queueBytes: 500_000, spoolDirectory: directory });
  await until('connected', () => relay!.counts()[0].up);
  const total = 20_000;
  for (let i = 0; i < total; i++) {
    relay.send(packet(i, 1000), '');
    if (i % 500 === 0) await sleep(1);
  }
  expect(relay.counts()[0].waiting).toBeGreaterThan(1000);
  expectLaw(relay.counts());
  await receiver.kill();
  receiver.paused = false;
  await receiver.start();
  await until('all there', () => new Set(receiver.all).size === total);
  expectOrder(receiver.connections);
  expect(firstSeen(receiver.all)).toEqual(range(0, total));
  expect(relay.counts()[0].lost).toBe(0);
});

describe('packets unsupported on a stream', () => {
  const old = Buffer.from('0210020a', 'hex');

  test('are refused and counted', async () => {
    await receiver.start();
    relay = await openRelay([endpoint('tcp', receiver.port)]);
    relay.send(old, '');
    relay.send(packet(1).subarray(0, 90), ''); // declares 100
    relay.send(Buffer.concat([packet(2), Buffer.alloc(7)]), ''); // bytes behind its end
    await until('one there', () => receiver.all.length === 1);
    expect(receiver.packets[0].equals(packet(2))).toBe(true);
    expect(relay.counts()[0]).toMatchObject({ received: 3, sent: 1, lost: 2, reasons: { too_short: 1, bad_length: 1 } });
  });

  test('v2 is refused by name, or upgraded by a given function', async () => {
    await receiver.start();
    relay = await openRelay([endpoint('tcp', receiver.port)]);
    relay.send(Buffer.concat([old, Buffer.alloc(30)]), '');
    expect(relay.counts()[0].reasons).toEqual({ old_version_on_stream: 1 });
    await relay.close();
    relay = await openRelay([endpoint('tcp', receiver.port)], { upgrade: (given) => packet(given.length) });
    relay.send(Buffer.concat([old, Buffer.alloc(30)]), '');
    await until('it came', () => receiver.all.length === 1);
    expect(receiver.all).toEqual([34]);
  });
});

test('old records count as arrived: the tail is limited by bytes and by time', async () => {
  await receiver.start();
  const clock = { since: 0, now: () => 1.7e15, monotonic: () => clock.since };
  relay = await openRelay([endpoint('tcp', receiver.port)], { tailBytes: 50_000, tailSeconds: 60, clock });
  for (let i = 0; i < 1000; i++) {
    relay.send(packet(i, 1000), '');
    if (i % 10 === 0) await sleep(1);
  }
  await until('all there', () => receiver.all.length === 1000);
  await until('the tail is short', () => relay!.counts()[0].unconfirmed <= 60);
  expect(relay.counts()[0].unconfirmed).toBeGreaterThan(0);
  clock.since += 61_000;
  await until('the tail is forgotten', () => relay!.counts()[0].unconfirmed === 0);
  expect(relay.counts()[0]).toMatchObject({ sent: 1000, resent: 0 });
});

test('packets acknowledged by the target, with time to read them, are not kept for long', async () => {
  if (!existsSync('/proc/self/net/tcp')) return console.warn('skipped: no /proc/net/tcp here');
  await receiver.start();
  const clock = { since: 0, now: () => 1.7e15, monotonic: () => clock.since };
  relay = await openRelay([endpoint('tcp', receiver.port)], { readGraceSeconds: 10, clock });
  for (let i = 0; i < 100; i++) relay.send(packet(i), '');
  await until('sent', () => relay!.counts()[0].sent === 100);
  clock.since += 6000;
  await sleep(1100);
  expect(relay.counts()[0].unconfirmed).toBe(100); // acknowledged, but the grace is not over
  clock.since += 11_000;
  await until('forgotten', () => relay!.counts()[0].unconfirmed === 0);
});

test('after an orderly close by the target, what goes over the next connection is confirmed, too', async () => {
  await receiver.start();
  relay = await openRelay([endpoint('tcp', receiver.port)], { readGraceSeconds: 0.1 });
  for (const count of [1000, 10, 300]) {
    const earlier = receiver.all.length;
    for (let i = 0; i < count; i++) relay.send(packet(i), '');
    await until('all there', () => receiver.all.length === earlier + count);
    await until('confirmed', () => relay!.counts()[0].unconfirmed === 0);
    await receiver.stop();
    await sleep(100); // what is sent before the relay has noticed may be lost with the connection, and is sent again
    await receiver.start();
  }
  expect(receiver.connections.map((seen) => seen.length)).toEqual([1000, 10, 300]);
  expect(relay.counts()[0]).toMatchObject({ sent: 1310, resent: 0, failures: 0, reconnects: 2 });
});

test('a target that accepts nothing for too long counts as down', async () => {
  receiver.paused = true;
  await receiver.start();
  relay = await openRelay([endpoint('tcp', receiver.port)], { stallMs: 300, queueBytes: 64e6 });
  await until('connected', () => relay!.counts()[0].up);
  const total = 15_000;
  for (let i = 0; i < total; i++) {
    relay.send(packet(i, 1400), '');
    if (i % 1000 === 0) await sleep(1);
  }
  await until('given up', () => relay!.counts()[0].failures > 0);
  expect(relay.counts()[0].lastError).toMatch(/no progress|^$/);
  receiver.paused = false;
  await until('all there', () => new Set(receiver.connections[receiver.connections.length - 1]).size === total);
  expectOrder(receiver.connections.slice(-1));
});
