/** The addon itself: a full ring, a thread that ends, system errors. */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { DATAGRAM_RECORD_BYTES, asSystemError, datagramAddon, u32le, type DatagramAddon } from '../../../src/lib/base/index.js';
import { root } from '../../rigs/sipcap.js';

const canBuild = process.platform === 'linux' && spawnSync('cc', ['--version']).error === undefined;
const addon = datagramAddon() as DatagramAddon;

/** 50 MB wait in the ring, and are taken. In a process of its own, of which nothing else changes the resident memory. */
const BURST = `
  const addon = require(process.argv[1]);
  const receiver = addon.receive('127.0.0.1', 0, 1 << 24, 64 << 20, () => {});
  const sender = addon.connect('127.0.0.1', addon.describe(receiver)[0], 1 << 20);
  const packets = new Array(20).fill(Buffer.alloc(1000, 'x'));
  const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
  void (async () => {
    gc();
    const before = process.memoryUsage.rss();
    for (let i = 0; i < 2500; i++) {
      addon.send(sender, packets, 0, packets.length);
      if (i % 5 === 0) await pause(1);
    }
    await pause(200);
    const full = process.memoryUsage.rss() - before;
    let taken = 0;
    for (let slab = addon.take(receiver); slab !== null; slab = addon.take(receiver)) taken += slab.length;
    gc();
    await pause(200);
    gc();
    console.log(JSON.stringify({ full, taken, left: process.memoryUsage.rss() - before }));
    addon.closeReceiver(receiver);
    addon.closeSender(sender);
  })();
`;

/** Lengths of the datagrams in a slab. */
function lengths(slab: Buffer): number[] {
  const found: number[] = [];
  for (let at = 0; at < slab.length; at += DATAGRAM_RECORD_BYTES + found.at(-1)!) found.push(u32le(slab, at));
  return found;
}

function takeAll(receiver: ReturnType<DatagramAddon['receive']>): number[] {
  const found: number[] = [];
  for (let slab = addon.take(receiver); slab !== null; slab = addon.take(receiver)) found.push(...lengths(slab));
  return found;
}

(canBuild ? describe : describe.skip)('datagrams in batches (needs Linux and a C compiler)', () => {
  test('the addon is built and loaded', () => expect(datagramAddon()).not.toBeNull());

  test('SIPCAP_PLAIN_SOCKETS=1 disables it', () => {
    process.env.SIPCAP_PLAIN_SOCKETS = '1';
    expect(datagramAddon()).toBeNull();
    delete process.env.SIPCAP_PLAIN_SOCKETS;
  });

  test('an invalid handle, address or packet throws', () => {
    const handle = addon.connect('127.0.0.1', 9, 65_536);
    for (const wrong of [
      () => addon.take({} as never),
      () => addon.describe(undefined as never),
      () => addon.halt(null as never),
      () => addon.errorOf(7 as never),
      () => addon.unacknowledged('x' as never),
      () => addon.hold('x' as never),
      () => addon.hold(1_000_000),
      () => addon.connect('nowhere', 1, 1),
      () => addon.send(handle, [1 as never], 0, 1),
      () => (addon.send as (...all: unknown[]) => void)(),
    ])
      expect(wrong).toThrow();
    addon.closeSender(handle);
  });

  test('the state of a TCP connection can be queried, also after Node has closed it', async () => {
    const accepted: Socket[] = [];
    const server = createServer((socket) => accepted.push(socket.resume())).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    await once(socket, 'connect');
    const held = addon.hold((socket as unknown as { _handle: { fd: number } })._handle.fd);
    const before = addon.acknowledged(held);
    socket.write(Buffer.alloc(5000));
    while (addon.acknowledged(held) - before < 5000) await sleep(1);
    expect(addon.unacknowledged(held)).toBe(0);
    socket.destroy();
    await once(socket, 'close');
    expect(addon.acknowledged(held) - before).toBe(5000);
    addon.release(held);
    expect([addon.acknowledged(held), addon.unacknowledged(held)]).toEqual([-1, -1]);
    accepted.forEach((one) => one.destroy());
    server.close();
  });

  test('what a burst filled goes back to the system', () => {
    const ended = spawnSync(process.execPath, ['--expose-gc', '-e', BURST, join(root, 'build/Release/datagrams.node')], {
      encoding: 'utf8',
    });
    expect(ended.stderr).toBe('');
    const { full, taken, left } = JSON.parse(ended.stdout) as { full: number; taken: number; left: number };
    expect(taken).toBeGreaterThan(40e6);
    expect(full).toBeGreaterThan(40e6);
    expect(left).toBeLessThan(24e6);
  });

  test('without a reader ring and kernel buffer fill up, and received + lost = sent', async () => {
    const receiver = addon.receive('127.0.0.1', 0, 65_536, 1, () => {});
    const sender = addon.connect('127.0.0.1', addon.describe(receiver)[0], 1 << 20);
    const packet = Buffer.alloc(1000, 'x');
    const sent = 2000;
    for (let i = 0; i < sent; i += 20) {
      addon.send(sender, new Array<Buffer>(20).fill(packet), 0, 20);
      await sleep(1);
    }
    addon.halt(receiver);
    const taken = takeAll(receiver);
    const lost = addon.describe(receiver)[2];
    expect(new Set(taken)).toEqual(new Set([1000]));
    expect(lost).toBeGreaterThan(1000);
    expect(taken.length + lost).toBe(sent);
    // The ring alone holds two slabs of 256 KiB.
    expect(taken.length).toBeGreaterThanOrEqual(500);
    addon.closeReceiver(receiver);
    addon.closeSender(sender);
  });

  test('few datagrams wake the event loop once for all of 10 ms; none is lost when there are many', async () => {
    const taken: number[] = [];
    let woken = 0;
    const receiver = addon.receive('127.0.0.1', 0, 8 << 20, 1 << 24, () => {
      woken++;
      taken.push(...takeAll(receiver));
    });
    const [port, grantedBytes] = addon.describe(receiver);
    const sender = addon.connect('127.0.0.1', port, 1 << 20);
    const packets = new Array<Buffer>(20).fill(Buffer.alloc(500, 'x'));
    const send = async (count: number): Promise<number> => {
      const [before, began] = [woken, performance.now()];
      for (let i = 0; i < 200; i++) {
        addon.send(sender, packets, 0, count);
        await sleep(1);
      }
      return (woken - before) / (performance.now() - began);
    };
    const few = await send(1);
    await send(20);
    await sleep(50);
    addon.closeReceiver(receiver);
    addon.closeSender(sender);
    // A user without rights may get a small buffer, for which nothing is gathered for long.
    if (grantedBytes >= 4 << 20) expect(few).toBeLessThan(0.11);
    expect(taken.length).toBe(200 + 20 * 200);
  });

  test('the largest datagram and an empty one arrive, all in order', async () => {
    const receiver = addon.receive('::1', 0, 1 << 20, 1 << 20, () => {});
    const sender = addon.connect('::1', addon.describe(receiver)[0], 1 << 20);
    const sizes = [65_487, 0, 1, 9000, 700];
    expect(
      addon.send(
        sender,
        sizes.map((size) => Buffer.alloc(size)),
        0,
        sizes.length,
      ),
    ).toBe(sizes.length);
    addon.halt(receiver);
    expect(takeAll(receiver)).toEqual(sizes);
    addon.closeReceiver(receiver);
  });

  test('an error in a batch is reported with the number sent before it', () => {
    const receiver = addon.receive('127.0.0.1', 0, 1 << 20, 1 << 20, () => {});
    const [port] = addon.describe(receiver);
    const sender = addon.connect('127.0.0.1', port, 1 << 20);
    const result = addon.send(sender, [Buffer.alloc(10), Buffer.alloc(70_000), Buffer.alloc(10)], 0, 3);
    expect([result & 0xff, asSystemError({ code: String(result >>> 8) }, 'send x').code]).toEqual([1, 'EMSGSIZE']);
    addon.closeReceiver(receiver);
    // The first packet to a closed port is sent, its ICMP error stops the next.
    const [first, second] = [addon.send(sender, [Buffer.alloc(10)], 0, 1), addon.send(sender, [Buffer.alloc(10)], 0, 1)];
    expect([first, asSystemError({ code: String(second >>> 8) }, 'send x').code]).toEqual([1, 'ECONNREFUSED']);
    expect(addon.errorOf(sender)).toBe(0);
    addon.closeSender(sender);
    expect(addon.send(sender, [Buffer.alloc(10)], 0, 1) >>> 8).not.toBe(0);
  });

  test("a non-local address is the system's error", () => {
    let thrown: unknown;
    try {
      addon.receive('192.0.2.1', 5060, 1 << 20, 1 << 20, () => {});
    } catch (error) {
      thrown = asSystemError(error, 'bind 192.0.2.1:5060');
    }
    expect(thrown).toMatchObject({ code: 'EADDRNOTAVAIL', message: 'bind EADDRNOTAVAIL 192.0.2.1:5060' });
  });

  test('a process that exits while a socket is open ends at once', () => {
    const path = new URL('../../../build/Release/datagrams.node', import.meta.url).pathname;
    const script = `const a = require(${JSON.stringify(path)}); const r = a.receive('127.0.0.1', 0, 65536, 65536, () => {}); setTimeout(() => process.exit(7), 50)`;
    const began = process.hrtime.bigint();
    expect(spawnSync(process.execPath, ['-e', script], { timeout: 5000 }).status).toBe(7);
    expect(Number(process.hrtime.bigint() - began) / 1e6).toBeLessThan(4000);
  });
});
