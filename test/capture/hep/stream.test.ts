/** The TCP and TLS listeners on real sockets. */
import { connect, type Socket } from 'node:net';
import { connect as tlsConnect, type ConnectionOptions, type TLSSocket } from 'node:tls';
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

async function start(options: StreamListenerOptions = {}): Promise<{ here: Listening; socket: Socket }> {
  const here = await listening(options);
  one = here;
  const socket = await connected(here.listener.port);
  sockets.push(socket);
  return { here, socket };
}

describe('TCP listener', () => {
  test('a thousand packets in one write, then the connection is closed', async () => {
    const { here, socket } = await start();
    socket.write(Buffer.concat(range(1000).map((number) => packet(number))));
    await until('all are there', () => here.receiver.numbers.length === 1000);
    expect(here.receiver.numbers).toEqual(range(1000));
    expect(here.receiver.peers[0]).toEqual({
      peerAddress: '127.0.0.1',
      peerPort: socket.localPort,
      localAddress: '127.0.0.1',
      localPort: here.listener.port,
      transport: 'tcp',
    });
    expect(here.listener.summary()).toEqual({ name: `hep_tcp:127.0.0.1:${here.listener.port}`, packets: 1000, bytes: 60_000, problem: '' });
  });

  test('one byte at a time', async () => {
    const { here, socket } = await start();
    for (const byte of Buffer.concat([packet(1, 20), packet(2, 20)])) {
      socket.write(Buffer.from([byte]));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await until('both are there', () => here.receiver.numbers.length === 2);
    expect(here.receiver.packets).toEqual([packet(1, 20), packet(2, 20)]);
  });

  test('over IPv6', async () => {
    one = await listening({}, { ...LOOPBACK, host: '::1' });
    const socket = await connected(one.listener.port, '::1');
    sockets.push(socket);
    socket.write(packet(1));
    await until('it is there', () => one!.receiver.numbers.length === 1);
    expect(one.receiver.peers[0]).toMatchObject({ peerAddress: '::1', localAddress: '::1' });
  });

  test('junk is skipped, identified, counted and logged once', async () => {
    const { here, socket } = await start();
    socket.write('INVITE sip:bob@127.0.0.1 SIP/2.0\r\n\r\n');
    await until('junk was counted', () => here.listener.losses.junk_bytes === 36);
    socket.write(Buffer.concat([packet(1), Buffer.from('more junk'), packet(2)]));
    await until('both are there', () => here.receiver.numbers.length === 2);
    expect(here.listener.losses).toEqual({ junk_bytes: 45, plain_sip: 1 });
    expect(here.lines.warnings).toEqual([expect.stringContaining(`127.0.0.1:${socket.localPort} is sending non-HEP data (plain_sip)`)]);
  });

  test('too much junk closes the connection, logged once; others stay open', async () => {
    const { here, socket } = await start();
    const other = await connected(here.listener.port);
    sockets.push(other);
    socket.write(Buffer.alloc(200_000, 0x2e));
    await closed(socket);
    other.write(packet(1));
    await until('the other goes on', () => here.receiver.numbers.length === 1);
    expect(here.listener.losses).toMatchObject({ closed_junk: 1, not_hep: 1 });
    expect(here.lines.warnings.filter((line) => line.includes('closed'))).toHaveLength(1);
    expect(here.listener.connectionCount).toBe(1);
  });

  test('a packet above the limit closes the connection', async () => {
    const { here, socket } = await start({ limits: { packetBytes: 100 } });
    socket.write(Buffer.concat([packet(1, 100), packet(2, 101)]));
    await closed(socket);
    expect([here.receiver.numbers, here.listener.losses.closed_too_big]).toEqual([[1], 1]);
  });

  test('an idle connection is closed, one with an incomplete packet sooner', async () => {
    const { here, socket } = await start({ limits: { idleMs: 400, completeMs: 100 } });
    const slow = await connected(here.listener.port);
    sockets.push(slow);
    slow.write(packet(1).subarray(0, 30));
    await closed(slow);
    await until('it was counted', () => here.listener.losses.unfinished_packets === 1);
    expect(here.listener.losses).toEqual({ closed_incomplete: 1, unfinished_packets: 1 });
    await closed(socket);
    expect(here.listener.losses.closed_idle).toBe(1);
    expect(here.lines.warnings).toEqual([
      expect.stringContaining('a packet was incomplete after 0.1 s'),
      expect.stringContaining('silent for 0.4 s'),
    ]);
  });

  test('a slow but steady sender is not disconnected', async () => {
    const { here, socket } = await start({ limits: { idleMs: 200, completeMs: 150 } });
    for (const number of range(8)) {
      const bytes = packet(number);
      socket.write(bytes.subarray(0, 20));
      await sleep(25);
      socket.write(bytes.subarray(20));
      await sleep(25);
    }
    await until('all are there', () => here.receiver.numbers.length === 8);
    expect(here.listener.losses).toEqual({});
  });

  test('a full receiver makes the sender wait: nothing is lost, and the wait is not idle time', async () => {
    const { here, socket } = await start({ limits: { idleMs: 100, completeMs: 100 } });
    here.receiver.limit = 10;
    const total = 4000;
    for (const number of range(total)) socket.write(packet(number, 10_000));
    await until('the sender is held up', () => socket.writableLength > 0 && here.receiver.numbers.length >= 10);
    await sleep(300);
    const before = here.receiver.numbers.length;
    expect(before).toBeLessThan(100);
    here.receiver.open();
    await until('all are there', () => here.receiver.numbers.length === total);
    expect(here.receiver.numbers).toEqual(range(total));
    expect(here.listener.losses).toEqual({});
  });

  test('more connections than allowed are refused', async () => {
    const { here, socket } = await start({ limits: { connections: 1 } });
    socket.write(packet(0));
    await until('the first is known', () => here.receiver.numbers.length === 1);
    const second = await connected(here.listener.port);
    sockets.push(second);
    await closed(second);
    expect(here.listener.losses.refused_connections).toBe(1);
    socket.write(packet(1));
    await until('the first goes on', () => here.receiver.numbers.length === 2);
  });

  test('addresses off the allow list are refused', async () => {
    const { here, socket } = await start({ allow: new AllowList(['127.0.0.2']) });
    socket.write(packet(1));
    await closed(socket);
    expect([here.receiver.numbers, here.listener.losses.not_allowed]).toEqual([[], 1]);
  });

  test('connections made before start wait for it', async () => {
    const here = new HepStreamListener(LOOPBACK, systemClock, new Lines());
    await here.open();
    const socket = await connected(here.port);
    socket.write(packet(7));
    await sleep(30);
    const numbers: number[] = [];
    void here.start((arrival) => numbers.push(arrival.bytes.readUInt32BE(arrival.from + 6)) > 0, { ready: async () => undefined });
    await until('it is there', () => numbers.length === 1);
    await here.stop();
    socket.destroy();
  });

  test('a second stop waits too: data in flight is delivered until then', async () => {
    const here = (one = await listening({}));
    const socket = connect({ port: here.listener.port, host: '127.0.0.1', allowHalfOpen: true });
    sockets.push(socket);
    socket.write(packet(1));
    await until('it is there', () => here.receiver.numbers.length === 1);
    // The last packet arrives when our side is closed already.
    socket.on('end', () => setTimeout(() => socket.end(packet(2)), 50));
    void here.listener.stop();
    await here.listener.stop();
    expect(here.receiver.numbers).toEqual([1, 2]);
  });

  test('stop closes connections, counts truncated packets, and resolves start', async () => {
    const { here, socket } = await start();
    socket.write(Buffer.concat([packet(1), packet(2).subarray(0, 30)]));
    await until('the first is there', () => here.receiver.numbers.length === 1);
    await here.listener.stop();
    await here.finished;
    await closed(socket);
    expect(here.listener.losses).toEqual({ unfinished_packets: 1 });
    expect(here.listener.summary().packets).toBe(1);
    await expect(connected(here.listener.port)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  test("a port that is taken is the operating system's error", async () => {
    const { here } = await start();
    await expect(new HepStreamListener({ ...LOOPBACK, port: here.listener.port }, systemClock, new Lines()).open()).rejects.toMatchObject({
      code: 'EADDRINUSE',
    });
  });
});

const server = certificate('first');
const other = certificate('second');
const client = certificate('client');

if (server === null || other === null || client === null) {
  test.skip('openssl is absent: no certificates to listen with', () => {});
} else {
  const endpoint = { ...LOOPBACK, transport: 'tls' as const };
  const dial = (port: number, options: ConnectionOptions = {}) =>
    new Promise<TLSSocket>((resolve, reject) => {
      const socket = tlsConnect({ port, host: '127.0.0.1', ca: [server.cert, other.cert], ...options }, () => resolve(socket));
      sockets.push(socket);
      socket.on('error', reject);
    });

  describe('TLS listener', () => {
    test('packets are extracted from the encrypted stream', async () => {
      one = await listening({ tls: { ...server, requestCert: false } }, endpoint);
      const socket = await dial(one.listener.port);
      socket.write(Buffer.concat(range(100).map((number) => packet(number, 1000))));
      await until('all are there', () => one!.receiver.numbers.length === 100);
      expect(one.receiver.numbers).toEqual(range(100));
      expect(one.receiver.peers[0]).toMatchObject({ peerAddress: '127.0.0.1', transport: 'tls', localPort: one.listener.port });
    });

    test('a plain-text client is counted and gets no reply', async () => {
      one = await listening({ tls: { ...server, requestCert: false } }, endpoint);
      const socket = await connected(one.listener.port);
      sockets.push(socket);
      socket.write(packet(1));
      await closed(socket);
      expect([one.receiver.numbers, one.listener.losses]).toEqual([[], { tls_errors: 1 }]);
    });

    test('a handshake that never completes times out', async () => {
      one = await listening({ tls: { ...server, requestCert: false }, limits: { completeMs: 50 } }, endpoint);
      const socket = await connected(one.listener.port);
      sockets.push(socket);
      await closed(socket);
      expect(one.listener.losses).toEqual({ tls_errors: 1 });
    });

    test('clients must present a certificate where one is required', async () => {
      one = await listening({ tls: { ...server, ca: client.cert, requestCert: true } }, endpoint);
      const known = await dial(one.listener.port, { ...client });
      known.write(packet(1));
      await until('it is there', () => one!.receiver.numbers.length === 1);
      const stranger = await dial(one.listener.port, { ...other }).catch(() => null);
      if (stranger !== null) await closed(stranger.on('error', () => undefined));
      await until('the stranger was refused', () => one!.listener.losses.tls_errors === 1);
      expect(one.receiver.numbers).toEqual([1]);
    });

    test('a new certificate applies without a restart; open connections stay', async () => {
      one = await listening({ tls: { ...server, requestCert: false } }, endpoint);
      const before = await dial(one.listener.port);
      expect(before.getPeerCertificate().subject.CN).toBe('first');
      one.listener.reload({ ...other, requestCert: false });
      const after = await dial(one.listener.port);
      expect(after.getPeerCertificate().subject.CN).toBe('second');
      before.write(packet(1));
      await until('the first goes on', () => one!.receiver.numbers.length === 1);
    });

    test('a key that does not match is a configuration error, and changes nothing', async () => {
      one = await listening({ tls: { ...server, requestCert: false } }, endpoint);
      expect(() => one!.listener.reload({ cert: server.cert, key: other.key, requestCert: false })).toThrow(
        'cannot use the TLS certificate or key',
      );
      expect((await dial(one.listener.port)).getPeerCertificate().subject.CN).toBe('first');
    });
  });
}
