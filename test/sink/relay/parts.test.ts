/** The small parts of the relay, each by itself. */
import { describe, expect, test } from '@jest/globals';
import { createServer, connect, type AddressInfo, type Socket } from 'node:net';
import { existsSync } from 'node:fs';
import { once } from 'node:events';
import { BackOff } from '../../../src/lib/sink/relay/back-off.js';
import { PacketQueue } from '../../../src/lib/sink/relay/packet-queue.js';
import { RateLimit } from '../../../src/lib/sink/relay/rate-limit.js';
import { SentLog } from '../../../src/lib/sink/relay/sent-log.js';
import { Slabs } from '../../../src/lib/sink/relay/slabs.js';
import { splitPiece, streamFault } from '../../../src/lib/sink/relay/streamable.js';
import { unacknowledgedBytes, unacknowledgedIn } from '../../../src/lib/sink/relay/unacknowledged.js';
import { TestClock } from '../spool/spool-rig.js';
import { numberOf, packet, range, until } from './relay-rig.js';

test('the queue keeps its order while growing, at both ends', () => {
  const queue = new PacketQueue();
  for (let i = 0; i < 100; i++) queue.push(packet(i));
  for (let i = 0; i < 90; i++) expect(numberOf(queue.shift()!)).toBe(i);
  for (let i = 100; i < 1000; i++) queue.push(packet(i));
  for (let i = 89; i >= 0; i--) queue.unshift(packet(i));
  expect([queue.count, queue.bytes, numberOf(queue.peek()!)]).toEqual([1000, 100_000, 0]);
  expect(range(0, 1000).map(() => numberOf(queue.shift()!))).toEqual(range(0, 1000));
  expect([queue.shift(), queue.peek(), queue.count, queue.bytes]).toEqual([null, null, 0, 0]);
  for (let i = 0; i < 70_000; i++) queue.push(packet(i, 10));
  for (let i = 0; i < 70_000; i++) expect(numberOf(queue.shift()!)).toBe(i);
  queue.push(packet(7));
  expect(numberOf(queue.shift()!)).toBe(7);
});

test('the log of sent packets: completion, order, compaction', () => {
  const log = new SentLog();
  for (let i = 0; i < 20_000; i++) log.push({ bytes: packet(i, 10), packets: 2, alone: false, record: i, isContiguous: true, sentAtMs: 0 });
  expect([log.packets, log.inFlight, log.bytes]).toEqual([40_000, 40_000, 200_000]);
  expect(log.oldestCompleted()).toBeNull();
  for (let i = 0; i < 15_000; i++) log.complete(2);
  for (let i = 0; i < 12_000; i++) expect(log.shift()!.record).toBe(i);
  expect([log.packets, log.inFlight, log.oldestCompleted()!.record]).toEqual([16_000, 10_000, 12_000]);
  log.complete(10_000);
  expect(log.takeAll().map(({ record }) => record)).toEqual(range(12_000, 20_000));
  expect([log.packets, log.inFlight, log.bytes, log.shift()]).toEqual([0, 0, 0, null]);
});

test('slabs are reused only when no longer referenced', () => {
  const slabs = new Slabs();
  const first = slabs.take(200_000);
  const second = slabs.take(200_000);
  expect(first.buffer).not.toBe(second.buffer);
  slabs.give(first);
  expect(slabs.take(300_000).buffer).toBe(first.buffer);
  expect(slabs.take(300_000).buffer).not.toBe(first.buffer);
  const small = slabs.take(100);
  slabs.give(small);
  expect(slabs.take(300_000).buffer).not.toBe(small.buffer);
  expect(slabs.take(1_000_000)).toHaveLength(1_000_000);
});

test('retry delays double up to the limit, with jitter, and are reset', () => {
  const most = new BackOff(1000, () => 1);
  expect(range(0, 5).map(() => most.next())).toEqual([250, 500, 1000, 1000, 1000]);
  most.reset();
  expect(most.next()).toBe(250);
  const least = new BackOff(1000, () => 0);
  expect(range(0, 4).map(() => least.next())).toEqual([125, 250, 500, 500]);
});

test('consecutive failures start the cooldown of a target, and a success resets the count', () => {
  const wait = new BackOff(1000, () => 1, { afterFailures: 3, ms: 60_000 });
  const next = () => [wait.next(), wait.coolingDown];
  expect([next(), next(), next(), next()]).toEqual([
    [250, false],
    [500, false],
    [60_000, true],
    [60_000, true],
  ]);
  wait.reset();
  expect(next()).toEqual([250, false]);
});

describe('rate', () => {
  const takeAll = (rate: RateLimit) => {
    let taken = 0;
    while (rate.take()) taken++;
    return taken;
  };

  test('as many packets as the time allows, in bursts of at most 32', () => {
    const clock = new TestClock();
    const rate = new RateLimit(clock, 1000);
    let taken = takeAll(rate);
    expect(taken).toBe(32);
    expect(rate.waitMs()).toBe(1);
    for (let ms = 0; ms < 2000; ms += 5) {
      clock.sinceMs += 5;
      taken += takeAll(rate);
    }
    expect(taken).toBe(2032);
    clock.sinceMs += 3_600_000; // an idle hour does not permit a flood
    expect(takeAll(rate)).toBe(32);
  });

  test('an adaptive rate is twice the arrival rate, and never below its minimum', () => {
    const clock = new TestClock();
    let arrived = 0;
    const rate = new RateLimit(clock, 2000, () => arrived);
    const perSecond = (arrivals: number) => {
      let taken = 0;
      for (let ms = 0; ms < 1000; ms += 10) {
        clock.sinceMs += 10;
        arrived += arrivals / 100;
        taken += takeAll(rate);
      }
      return taken;
    };
    const rates = [100, 5000, 5000, 20_000, 20_000, 0, 0].map(perSecond);
    expect(rates.map((taken) => Math.round(taken / 1000))).toEqual([2, 2, 10, 10, 40, 40, 2]);
  });
});

describe('streams', () => {
  test('packets that a stream can carry', () => {
    expect(streamFault(packet(1))).toBeNull();
    expect(streamFault(Buffer.from('EEP3\0\x06'))).toBeNull();
    expect(streamFault(Buffer.from('HEP3'))).toMatchObject({ fault: 'too_short' });
    expect(streamFault(Buffer.from('0110020a0000', 'hex'))).toMatchObject({ fault: 'bad_version' });
    expect(streamFault(packet(1).subarray(0, 99))).toMatchObject({ fault: 'bad_length' });
    expect(streamFault(Buffer.from('HEP3\0\x05'))).toMatchObject({ fault: 'bad_length' });
    expect(streamFault(Buffer.concat([packet(1), Buffer.alloc(1)]))).toMatchObject({ fault: 'too_big', needed: 100 });
  });

  test('a record is split into the packets it was made of', () => {
    const packets = range(0, 10).map((i) => packet(i, 10 + i * 7));
    expect(splitPiece({ bytes: Buffer.concat(packets), packets: 10 })).toEqual(packets);
    expect(splitPiece({ bytes: Buffer.from('anything'), packets: 1 })).toEqual([Buffer.from('anything')]);
  });
});

describe('unacknowledged bytes', () => {
  test('from the socket table', () => {
    const table = [
      '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
      '   0: 0100007F:2364 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1',
      '   1: 0100007F:8A5C 0100007F:2364 01 0000012C:00000000 01:00000014 00000000     0        0 4712 2',
      '   2: 0100007F:2364 0100007F:8A5C 01 00000000:00000010 00:00000000 00000000     0        0 4713 2',
    ].join('\n');
    expect(unacknowledgedIn(table, 0x8a5c, 0x2364)).toBe(300);
    expect(unacknowledgedIn(table, 0x2364, 0x8a5c)).toBe(0);
    expect(unacknowledgedIn(table, 1, 2)).toBe(-1);
  });

  test('of a live connection', async () => {
    if (!existsSync('/proc/self/net/tcp')) return console.warn('skipped: no /proc/net/tcp here');
    const accepted: Socket[] = [];
    const server = createServer({ pauseOnConnect: true }, (socket) => accepted.push(socket)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write('x');
    let bytes = -1;
    await until('acknowledged', () => {
      void unacknowledgedBytes(socket.localPort!, socket.remotePort!).then((found) => (bytes = found));
      return bytes === 0;
    });
    for (let i = 0; i < 200; i++) socket.write(Buffer.alloc(65_536));
    await until('a full window', () => {
      void unacknowledgedBytes(socket.localPort!, socket.remotePort!).then((found) => (bytes = found));
      return bytes > 0;
    });
    socket.destroy();
    accepted.forEach((one) => one.destroy());
    server.close();
  });
});
