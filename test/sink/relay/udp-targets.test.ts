/** UDP targets: ICMP reports a closed port; packets sent before that count as sent. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { datagramAddon, type DatagramAddon } from '../../../src/lib/base/index.js';
import { RelaySink } from '../../../src/lib/sink/relay/index.js';
import { remove, temporaryDirectory } from '../spool/spool-rig.js';
import { UdpReceiver, endpoint, expectLaw, openRelay, packet, range, until } from './relay-rig.js';

let directory: string;
let receiver: UdpReceiver;
let relay: RelaySink | null = null;
beforeEach(async () => {
  directory = temporaryDirectory();
  receiver = new UdpReceiver();
  await receiver.start(0);
});
afterEach(async () => {
  await relay?.close();
  relay = null;
  await receiver.stop();
  remove(directory);
});

/** Node's own socket, and the addon if it could be built. */
const sockets: [string, DatagramAddon | null][] = [["Node's own socket", null]];
if (datagramAddon() !== null) sockets.push(['the addon', datagramAddon()]);

describe.each(sockets)('through %s', (_name, addon) => {
  test('any packets arrive byte for byte and in order', async () => {
    relay = await openRelay([endpoint('udp', receiver.port)], { addon });
    const sent = [...range(0, 500).map((i) => packet(i, 700)), Buffer.from('0210020affffffff00000000', 'hex')];
    for (const one of sent) relay.send(one, '');
    await until('all there', () => receiver.packets.length === sent.length);
    expect(Buffer.concat(receiver.packets).equals(Buffer.concat(sent))).toBe(true);
    await relay.close();
    expect(relay.counts()[0]).toMatchObject({ received: 501, sent: 501, waiting: 0, lost: 0 });
  });

  test.each(['memory', 'spool'])('down at startup: none is lost, kept in %s', async (kept) => {
    await receiver.stop();
    relay = await openRelay([endpoint('udp', receiver.port)], { addon, spoolDirectory: kept === 'spool' ? directory : null });
    for (let i = 0; i < 300; i++) relay.send(packet(i), '');
    await until('ICMP was heard', () => relay!.counts()[0].failures >= 3);
    expect(relay.counts()[0]).toMatchObject({ up: false, received: 300, sent: 0, waiting: 300 });
    expect(relay.counts()[0].lastError).toMatch(/ECONNREFUSED/);
    await receiver.start();
    await until('all there', () => receiver.all.length >= 300);
    expect(receiver.all).toEqual(range(0, 300));
  });

  test('stopped for a while under traffic: only packets sent before the outage was detected are missing', async () => {
    relay = await openRelay([endpoint('udp', receiver.port)], { addon, spoolDirectory: directory });
    const total = 3000;
    for (let i = 0; i < total; i++) {
      relay.send(packet(i), '');
      if (i === 1000) await receiver.stop();
      if (i === 2000) await receiver.start();
      if (i % 10 === 0) await sleep(1);
      expectLaw(relay.counts());
    }
    await until('all sent', () => relay!.counts()[0].waiting === 0);
    await sleep(50);
    const [counts] = relay.counts();
    expect(counts).toMatchObject({ received: total, sent: total, lost: 0 });
    const missing = total - new Set(receiver.all).size;
    expect(missing).toBeLessThan(30); // two rounds of the loop above at most, and one probe
    expect([...receiver.all].sort((a, b) => a - b)).toEqual(receiver.all); // order
  });

  test('packets too large for a datagram are counted, and the rest is sent', async () => {
    relay = await openRelay([endpoint('udp', receiver.port)], { addon });
    relay.send(packet(1), '');
    relay.send(Buffer.alloc(65_530), '');
    relay.send(packet(2), '');
    await until('both there', () => receiver.all.length === 2);
    await until('the counts', () => relay!.counts()[0].waiting === 0);
    expect(relay.counts()[0]).toMatchObject({ received: 3, sent: 2, lost: 1, reasons: { too_big: 1 } });
  });

  test('a target that failed too often is in cooldown, and its backlog is kept', async () => {
    await receiver.stop();
    relay = await openRelay([endpoint('udp', receiver.port)], { addon, cooldown: { afterFailures: 2, ms: 700 } });
    relay.send(packet(1), '');
    await until('it failed twice', () => relay!.counts()[0].failures === 2);
    await receiver.start();
    await sleep(400);
    expect(relay.counts()[0]).toMatchObject({ failures: 2, waiting: 1, sent: 0 });
    await until('the cooldown is over', () => receiver.all.length === 1);
  });

  test('an unknown host name counts as an unreachable target', async () => {
    relay = await openRelay([{ transport: 'udp', host: 'nobody.invalid', port: 9060 }], { addon });
    relay.send(packet(1), '');
    await until('it was tried', () => relay!.counts()[0].failures > 0);
    expect(relay.counts()[0]).toMatchObject({ up: false, waiting: 1 });
  });
});
