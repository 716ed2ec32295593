/** Several targets: all of them, the first that works, one by key. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { RelaySink, spoolName } from '../../../src/lib/sink/relay/index.js';
import { remove, temporaryDirectory } from '../spool/spool-rig.js';
import { TcpReceiver, UdpReceiver, endpoint, expectLaw, firstSeen, freePort, openRelay, packet, range, until } from './relay-rig.js';

let directory: string;
let first: TcpReceiver;
let second: TcpReceiver;
let relay: RelaySink | null = null;
beforeEach(async () => {
  directory = temporaryDirectory();
  first = new TcpReceiver();
  second = new TcpReceiver();
  await first.start();
  await second.start();
});
afterEach(async () => {
  await relay?.close();
  relay = null;
  await first.stop();
  await second.stop();
  remove(directory);
});

const both = () => [endpoint('tcp', first.port), endpoint('tcp', second.port)];

describe('all', () => {
  test('each target gets everything; an unreachable one delays no other and misses nothing', async () => {
    const udp = new UdpReceiver();
    await udp.start(0);
    await second.stop();
    relay = await openRelay([...both(), endpoint('udp', udp.port)], { spoolDirectory: directory });
    for (let i = 0; i < 500; i++) relay.send(packet(i), '');
    await until('two have all', () => first.all.length === 500 && udp.all.length === 500);
    await until('one is away', () => relay!.counts()[1].failures > 0);
    expect(relay.counts().map(({ waiting }) => waiting)).toEqual([0, 500, 0]);
    await second.start();
    await until('the third has all', () => second.all.length === 500);
    for (const receiver of [first, second, udp]) expect(receiver.all).toEqual(range(0, 500));
    expectLaw(relay.counts());
    await udp.stop();
  });
});

describe('failover', () => {
  test('the first target that works gets the packets; those a dead one may have missed go to the next', async () => {
    relay = await openRelay(both(), { policy: 'failover' });
    for (let i = 0; i < 100; i++) relay.send(packet(i), '');
    await until('the first has them', () => first.all.length === 100);
    expect(second.all).toEqual([]);
    await first.kill();
    for (let i = 100; i < 200; i++) relay.send(packet(i), '');
    await until('the second has the rest', () => new Set([...first.all, ...second.all]).size === 200);
    expect(second.all.slice(-100)).toEqual(range(100, 200));
    expect(relay.counts()).toHaveLength(1);
    expectLaw(relay.counts());
  });

  test('first target down at startup: uses the second, and the first again once it is up', async () => {
    await first.stop();
    relay = await openRelay(both(), { policy: 'failover', failBackMs: 100 });
    for (let i = 0; i < 100; i++) relay.send(packet(i), '');
    await until('the second has them', () => second.all.length === 100);
    await first.start();
    await until('it went back', () => first.connections.length > 0 && relay!.counts()[0].up);
    await until('it uses the first', () => {
      relay!.send(packet(100), '');
      return first.all.length > 0;
    });
    expect(firstSeen(second.all).slice(0, 100)).toEqual(range(0, 100));
    expect(relay.counts()[0].resent).toBe(0); // it was ended in good order
  });

  test('no target reachable: one backlog waits for the first to come up', async () => {
    await first.stop();
    await second.stop();
    relay = await openRelay(both(), { policy: 'failover', spoolDirectory: directory });
    for (let i = 0; i < 100; i++) relay.send(packet(i), '');
    await until('tried', () => relay!.counts()[0].failures > 4);
    expect(relay.counts()[0]).toMatchObject({ waiting: 100, lost: 0 });
    await second.start();
    await until('all there', () => second.all.length === 100);
  });
});

describe('balance', () => {
  test('a key stays with its target, and keys are spread', async () => {
    relay = await openRelay(both(), { policy: 'balance' });
    for (let i = 0; i < 1000; i++) relay.send(packet(i), `call-${i % 50}@example`);
    await until('all there', () => first.all.length + second.all.length === 1000);
    const calls = (receiver: TcpReceiver) => new Set(receiver.all.map((number) => number % 50));
    expect([...calls(first)].filter((call) => calls(second).has(call))).toEqual([]);
    expect(Math.min(calls(first).size, calls(second).size)).toBeGreaterThan(10);
    expectLaw(relay.counts());
  });
});

test('the directory of a spool is named after the endpoint', () => {
  expect(spoolName([endpoint('udp', 9060)])).toBe('hep_udp_127.0.0.1_9060');
  expect(spoolName([{ transport: 'tls', host: '2001:db8::1', port: 9061 }])).toBe('hep_tls_[2001_db8__1]_9061');
  expect(spoolName([{ transport: 'tcp', host: '../x', port: 1 }])).toBe('hep_tcp_.._x_1');
  expect(spoolName(both())).toMatch(/^failover_hep_tcp_127\.0\.0\.1_\d+$/);
});

test('two relays cannot share a spool', async () => {
  relay = await openRelay(both(), { spoolDirectory: directory });
  await expect(openRelay(both().reverse(), { spoolDirectory: directory })).rejects.toThrow(/in use by process/);
});

describe('drain', () => {
  async function fill(count: number): Promise<void> {
    first.port = await freePort().then(async (port) => (await first.stop(), port));
    const filling = await openRelay([endpoint('tcp', first.port)], { spoolDirectory: directory });
    for (let i = 0; i < count; i++) filling.send(packet(i), '');
    await until('away', () => filling.counts()[0].failures > 0);
    await filling.close();
    expect(filling.counts()[0]).toMatchObject({ received: count, sent: 0, waiting: count, lost: 0 });
  }

  test('sends the contents of the spool and ends, and the spool is empty', async () => {
    await fill(2000);
    await first.start();
    relay = await notStarted();
    expect(await relay.drain(1000)).toEqual([
      { target: `hep_tcp:127.0.0.1:${first.port}`, sent: 2000, backlog: 0, lost: 0, lastError: '' },
    ]);
    expect(first.all).toEqual(range(0, 2000));
    await relay.close();
    relay = await notStarted();
    expect(await relay.drain(1000)).toMatchObject([{ sent: 0, backlog: 0 }]);
  });

  test('at the requested rate', async () => {
    await fill(300);
    await first.start();
    relay = await notStarted(1000);
    const begun = performance.now();
    await relay.drain(1000);
    const tookMs = performance.now() - begun;
    expect(first.all).toEqual(range(0, 300));
    expect(tookMs).toBeGreaterThan(200);
    expect(tookMs).toBeLessThan(1500);
  });

  test('a target that becomes unreachable again during the drain', async () => {
    await fill(3000);
    await first.start();
    relay = await notStarted(5000);
    const result = relay.drain(400);
    await until('some are there', () => first.all.length > 500);
    await first.kill();
    const [{ sent, backlog, lastError }] = await result;
    expect([sent + backlog, lastError !== '']).toEqual([3000, true]);
    await relay.close();
    await first.start();
    relay = await notStarted();
    expect((await relay.drain(1000))[0].backlog).toBe(0);
    expect(firstSeen(first.all)).toEqual(range(0, 3000));
  });

  function notStarted(spoolRate = 0): Promise<RelaySink> {
    return openRelay([endpoint('tcp', first.port)], { spoolDirectory: directory, spoolRate }, false);
  }
});

test('newer traffic waits for the backlog', async () => {
  await first.stop();
  relay = await openRelay([endpoint('tcp', first.port)], { spoolDirectory: directory, spoolRate: 2000 });
  for (let i = 0; i < 500; i++) relay.send(packet(i), '');
  await until('away', () => relay!.counts()[0].failures > 0);
  await first.start();
  for (let i = 500; i < 700; i++) {
    relay.send(packet(i), '');
    await sleep(1);
  }
  await until('all there', () => first.all.length === 700);
  expect(first.all).toEqual(range(0, 700));
});
