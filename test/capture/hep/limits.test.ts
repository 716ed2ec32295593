/** HEP over TCP: no peer can keep others out, lists change while sockets stay open, and a shutdown that senders can rely on. */
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import { systemClock } from '../../../src/lib/base/index.js';
import { AllowList, HepStreamListener, type StreamListenerOptions } from '../../../src/lib/capture/hep/index.js';
import { LOOPBACK, Lines, certificate, closed, connected, listening, packet, range, until, type Listening } from './rig.js';

let one: Listening | null = null;
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await one?.listener.stop();
  one = null;
});

async function start(options: StreamListenerOptions): Promise<Listening> {
  one = await listening(options);
  return one;
}

async function connect(here: Listening): Promise<Socket> {
  const socket = await connected(here.listener.port);
  sockets.push(socket);
  return socket;
}

async function proven(here: Listening): Promise<Socket> {
  const socket = await connect(here);
  const before = here.receiver.numbers.length;
  socket.write(packet(before));
  await until('it is known', () => here.receiver.numbers.length === before + 1);
  return socket;
}

describe('limits of connections', () => {
  test('a peer is limited to its share, logged once however often it retries', async () => {
    const here = await start({ limits: { peerConnections: 3 } });
    const good = [await proven(here), await proven(here), await proven(here)];
    for (let i = 0; i < 20; i++) await closed(await connect(here));
    expect(here.listener.losses).toEqual({ refused_peer_connections: 20 });
    expect(here.lines.warnings).toEqual([expect.stringContaining('it has 3 connections already')]);
    good[0].destroy();
    await until('its place is free', () => here.listener.connectionCount === 2);
    await proven(here);
    expect(here.listener.losses.refused_peer_connections).toBe(20);
  });

  test('new limits apply to new connections; open ones stay', async () => {
    const here = await start({ limits: { peerConnections: 3 } });
    const good = [await proven(here), await proven(here), await proven(here)];
    here.listener.setLimits({ peerConnections: 2, headerMs: 50 });
    await closed(await connect(here));
    expect(here.lines.warnings).toEqual([expect.stringContaining('it has 2 connections already')]);
    good[0].write(packet(3));
    await until('the open ones go on', () => here.receiver.numbers.length === 4);
    good[0].destroy();
    good[1].destroy();
    await until('two places are free', () => here.listener.connectionCount === 1);
    await closed(await connect(here));
    expect(here.listener.losses.closed_no_header).toBe(1);
  });

  test('connections that send no header are closed after a while, others are not', async () => {
    const here = await start({ limits: { headerMs: 300 } });
    const good = await proven(here);
    const halves = [await connect(here), await connect(here)];
    halves[1].write('HEP');
    for (const socket of halves) await closed(socket);
    expect(here.listener.losses.closed_no_header).toBe(2);
    expect(here.lines.warnings).toEqual([expect.stringContaining('no HEP header after 0.3 s')]);
    good.write(packet(1));
    await until('the good one goes on', () => here.receiver.numbers.length === 2);
  });

  test('half-open connections make room for newer ones, oldest first; those that sent HEP stay', async () => {
    const here = await start({ limits: { connections: 3 } });
    const good = await proven(here);
    const halves: Socket[] = [];
    for (let i = 0; i < 10; i++) halves.push(await connect(here));
    const late = await proven(here);
    await closed(halves[0]);
    expect(here.listener.losses.evicted_connections).toBe(9);
    expect(here.listener.losses.refused_connections).toBeUndefined();
    for (const socket of [good, late]) socket.write(packet(7));
    await until('both go on', () => here.receiver.numbers.length === 4);
    expect(here.lines.warnings).toHaveLength(1);
  });

  test('many bad connections are logged once for each cause', async () => {
    const here = await start({});
    for (let i = 0; i < 5; i++) {
      const socket = await connect(here);
      socket.write(Buffer.alloc(200_000, 0x2e));
      await closed(socket);
    }
    expect(here.listener.losses.closed_junk).toBe(5);
    expect(here.lines.warnings.filter((line) => line.includes('closed'))).toHaveLength(1);
  });

  const identity = certificate('limits');
  (identity === null ? test.skip : test)('TLS handshakes that never come count as half-open', async () => {
    one = await listening({ limits: { headerMs: 200 }, tls: { ...identity!, requestCert: false } }, { ...LOOPBACK, transport: 'tls' });
    const socket = await connect(one);
    await closed(socket);
    expect(one.listener.losses.closed_no_header).toBe(1);
  });
});

test('an allow-list is replaced while the socket stays open', async () => {
  const here = await start({});
  const before = await proven(here);
  here.listener.setAllow(new AllowList(['192.0.2.0/24']));
  await closed(before);
  await closed(await connect(here));
  expect(here.listener.losses).toEqual({ not_allowed: 2 });
  here.listener.setAllow(new AllowList(['127.0.0.0/8']));
  await proven(here);
});

test('an exception in the receiver loses only its packet, and is reported', async () => {
  const errors: unknown[] = [];
  const thrown = new Error('a bug');
  const numbers: number[] = [];
  const listener = new HepStreamListener(LOOPBACK, systemClock, new Lines(), { onError: (error) => errors.push(error) });
  await listener.open();
  void listener.start(
    ({ bytes, from }) => {
      const number = bytes.readUInt32BE(from + 6);
      if (number === 3) throw thrown;
      return numbers.push(number) > 0;
    },
    { ready: async () => undefined },
  );
  const socket = await connected(listener.port);
  sockets.push(socket);
  socket.write(Buffer.concat(range(6).map((number) => packet(number))));
  await until('the rest is there', () => numbers.length === 5);
  expect([numbers, errors, listener.losses]).toEqual([[0, 1, 2, 4, 5], [thrown], { delivery_errors: 1 }]);
  await listener.stop();
});

describe('stop', () => {
  test('data in flight is delivered: the sender sees FIN, stops sending, and closes', async () => {
    const here = await start({});
    const socket = await connect(here);
    let sent = 0;
    const timer = setInterval(() => {
      if (socket.writable) for (let i = 0; i < 20; i++) socket.write(packet(sent++, 1000));
    }, 1);
    socket.on('end', () => clearInterval(timer));
    await until('traffic', () => here.receiver.numbers.length > 500);
    await here.listener.stop();
    clearInterval(timer);
    expect(here.receiver.numbers).toEqual(range(sent));
    expect(here.listener.losses).toEqual({});
  });

  test('a sender under backpressure is reset, so that it knows about the loss', async () => {
    const here = await start({});
    here.receiver.limit = 5;
    const socket = await connect(here);
    const failed = new Promise<NodeJS.ErrnoException>((resolve) => socket.on('error', resolve));
    for (const number of range(3000)) socket.write(packet(number, 10_000));
    await until('it waits', () => here.receiver.numbers.length >= 5);
    await sleep(50);
    await here.listener.stop();
    expect((await failed).code).toMatch(/ECONNRESET|EPIPE/);
  });
});
