/** TCP targets that reset, hang, close at once or read slowly: no loss, few duplicates, timely shutdown. With the addon and without. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { datagramAddon, type DatagramAddon } from '../../../src/lib/base/index.js';
import { RelaySink } from '../../../src/lib/sink/relay/index.js';
import { remove, temporaryDirectory } from '../spool/spool-rig.js';
import { HostileReceiver } from './hostile-receiver.js';
import { endpoint, expectLaw, openRelay, packet, range, until } from './relay-rig.js';

let directory: string;
let receiver: HostileReceiver | null = null;
let relay: RelaySink | null = null;
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(async () => {
  await relay?.close(1);
  relay = null;
  await receiver?.stop();
  receiver = null;
  remove(directory);
});

const kernels: [string, DatagramAddon | null][] = [['plain sockets', null]];
if (datagramAddon() !== null) kernels.push(['the addon', datagramAddon()]);

describe.each(kernels)('with %s', (_name, addon) => {
  test('a collector restarted cleanly and repeatedly under traffic gets each packet once', async () => {
    receiver = new HostileReceiver(() => undefined);
    await receiver.start();
    relay = await openRelay([endpoint('tcp', receiver.port)], { addon, readGraceSeconds: 60 });
    const total = 9000;
    for (let i = 0; i < total;) {
      for (const end = i + 10; i < end; i++) relay.send(packet(i, 700), '');
      if (i % 2000 === 1000) await receiver.restart();
      await sleep(1);
    }
    await until('all there', () => receiver!.all.length >= total);
    expect(receiver.all).toEqual(range(0, total));
    expect(relay.counts()[0]).toMatchObject({ sent: total, lost: 0, resent: 0 });
    expectLaw(relay.counts());
  });

  test('one that resets every connection after 300 packets gets everything, with few duplicates', async () => {
    receiver = new HostileReceiver(
      () => undefined,
      (socket, seen) => {
        if (seen.length >= 300 && !socket.destroyed) socket.resetAndDestroy();
      },
    );
    await receiver.start();
    relay = await openRelay([endpoint('tcp', receiver.port)], { addon });
    const total = 2000;
    for (let i = 0; i < total; i++) relay.send(packet(i, 700), '');
    await until('all there', () => new Set(receiver!.all).size === total, 60_000);
    expect(receiver.all.length).toBeLessThan(total * 2.5);
    expect(relay.counts()[0].lost).toBe(0);
  }, 90_000);

  test('one that resets at once is retried with growing delays, is never "written", and does not delay shutdown', async () => {
    receiver = new HostileReceiver((socket) => setTimeout(() => socket.resetAndDestroy(), 5));
    await receiver.start();
    relay = await openRelay([endpoint('tcp', receiver.port)], { addon, spoolDirectory: directory, maxBackOffMs: 5000 });
    for (let i = 0; i < 5000; i++) relay.send(packet(i, 700), '');
    await sleep(1500);
    expect(receiver.connections).toBeLessThan(8);
    const begun = performance.now();
    await relay.close(2);
    expect(performance.now() - begun).toBeLessThan(5000);
    const [counts] = relay.counts();
    expect(counts).toMatchObject({ received: 5000, sent: 0, waiting: 5000, lost: 0 });
    expect(receiver.all.length).toBeLessThan(5000 * 3);
  });

  test('one that closes at once is not "written": without a spool the packets are lost, and counted', async () => {
    receiver = new HostileReceiver((socket) => socket.pause().destroy());
    await receiver.start();
    relay = await openRelay([endpoint('tcp', receiver.port)], { addon });
    for (let i = 0; i < 100; i++) relay.send(packet(i), '');
    await until('tried', () => receiver!.connections > 1);
    await relay.close(3);
    expect(receiver.all).toEqual([]);
    expect(relay.counts()[0]).toMatchObject({ sent: 0, waiting: 0, lost: 100, reasons: { target_down: 100 } });
  });

  test.each([
    ['the spool', true],
    ['nothing', false],
  ])('one that hangs: ends by the deadline, and unacknowledged packets go to %s', async (_where, hasSpool) => {
    receiver = new HostileReceiver((socket) => setTimeout(() => socket.pause(), 20));
    await receiver.start();
    relay = await openRelay([endpoint('tcp', receiver.port)], { addon, spoolDirectory: hasSpool ? directory : null, queueBytes: 64e6 });
    await sleep(100);
    const total = 15_000;
    for (let i = 0; i < total; i++) {
      relay.send(packet(i, 1400), '');
      if (i % 500 === 0) await sleep(1);
    }
    const begun = performance.now();
    await relay.close(1);
    expect(performance.now() - begun).toBeLessThan(4000);
    const [{ sent, waiting, lost }] = relay.counts();
    expect(sent + waiting + lost).toBe(total);
    expect(sent).toBeLessThan(total);
    expect(hasSpool ? lost : waiting).toBe(0);
    receiver.resume();
    // What was called sent is in its kernel: it reads at least that much.
    await until('it reads', () => receiver!.all.length >= sent);
  });

  test('one that reads slowly and closes cleanly gets no duplicates', async () => {
    receiver = new HostileReceiver((socket) => {
      socket.pause();
      const timer = setInterval(() => (socket.isPaused() ? socket.resume() : socket.pause()), 15);
      socket.on('close', () => clearInterval(timer));
    });
    await receiver.start();
    relay = await openRelay([endpoint('tcp', receiver.port)], { addon, queueBytes: 64e6 });
    const total = 10_000;
    for (let i = 0; i < total; i++) relay.send(packet(i, 1400), '');
    await relay.close();
    await until('it read all', () => receiver!.all.length >= total);
    expect(receiver.all).toEqual(range(0, total));
    expect(relay.counts()[0]).toMatchObject({ sent: total, resent: 0, lost: 0, unconfirmed: 0 });
  });
});
