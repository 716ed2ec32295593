/** The UDP listener on real sockets. */
import { createSocket, type Socket } from 'node:dgram';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { datagramAddon, systemClock, type DatagramAddon, type HepEndpoint } from '../../../src/lib/base/index.js';
import { AllowList, HepUdpListener, type UdpListenerOptions } from '../../../src/lib/capture/hep/index.js';
import { dropsIn } from '../../../src/lib/capture/hep/socket-drops.js';
import { Lines, Receiver, packet, range, until } from './rig.js';

let listener: HepUdpListener;
let receiver: Receiver;
let lines: Lines;
let sender: Socket;
let addon: DatagramAddon | null;

async function open(options: UdpListenerOptions = {}, host = '127.0.0.1'): Promise<void> {
  const endpoint: HepEndpoint = { transport: 'udp', host, port: 0 };
  listener = new HepUdpListener(endpoint, systemClock, lines, { addon, ...options });
  await listener.open();
  sender = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  await new Promise<void>((resolve) => sender.bind(0, host, resolve));
}

const send = (bytes: Buffer, host = '127.0.0.1') =>
  new Promise<void>((resolve, reject) => {
    sender.send(bytes, listener.port, host, (error) => (error === null ? resolve() : reject(error)));
  });

/** Node's own socket, and the addon if it could be built. */
const sockets: [string, DatagramAddon | null][] = [["Node's own socket", null]];
if (datagramAddon() !== null) sockets.push(['the addon', datagramAddon()]);

describe.each(sockets)('UDP listener through %s', (_name, through) => {
  beforeEach(() => {
    addon = through;
    receiver = new Receiver();
    lines = new Lines();
  });
  afterEach(async () => {
    await listener.stop();
    sender.close();
  });

  test('the allow list is replaced while the socket stays open: datagrams in between are checked, not lost', async () => {
    await open();
    void listener.start(receiver.deliver);
    await send(packet(0));
    await until('it is there', () => receiver.numbers.length === 1);
    const { port } = listener;
    listener.setAllow(new AllowList(['192.0.2.0/24']));
    await send(packet(1));
    await until('it was refused', () => listener.losses.not_allowed === 1);
    listener.setAllow(new AllowList(['127.0.0.1']));
    await send(packet(2));
    await until('it is there', () => receiver.numbers.length === 2);
    expect([receiver.numbers, listener.port]).toEqual([[0, 2], port]);
  });

  test('an exception in the receiver loses only its packet, and is reported', async () => {
    const errors: unknown[] = [];
    await open({ onError: (error) => errors.push(error) });
    const thrown = new Error('a bug');
    for (const number of range(200)) await send(packet(number));
    void listener.start((arrival) => {
      if (arrival.bytes.readUInt32BE(arrival.from + 6) % 50 === 7) throw thrown;
      return receiver.deliver(arrival);
    });
    await until('the rest is there', () => receiver.numbers.length === 196);
    expect(errors).toEqual([thrown, thrown, thrown, thrown]);
    expect(listener.losses).toEqual({ delivery_errors: 4 });
  });

  test.each(['127.0.0.1', '::1'])('%s: datagrams arrive unchanged, with both endpoints and the time', async (host) => {
    await open({}, host);
    const before = systemClock.now();
    void listener.start(receiver.deliver);
    for (const number of range(20)) await send(packet(number, 60 + number), host);
    await send(Buffer.from('not HEP at all'), host);
    await send(Buffer.alloc(0), host);
    await until('all are there', () => receiver.packets.length === 22);
    expect(receiver.packets.slice(0, 20)).toEqual(range(20).map((number) => packet(number, 60 + number)));
    expect(receiver.packets.slice(20).map(String)).toEqual(['not HEP at all', '']);
    expect(receiver.peers[3]).toEqual({
      peerAddress: host,
      peerPort: sender.address().port,
      localAddress: host,
      localPort: listener.port,
      transport: 'udp',
    });
    for (const at of receiver.receivedAt) expect(at >= before && at <= systemClock.now()).toBe(true);
    expect(listener.summary()).toMatchObject({ packets: 22, name: `hep_udp:${host.includes(':') ? `[${host}]` : host}:${listener.port}` });
  });

  test('datagrams between open and start are kept', async () => {
    await open();
    for (const number of range(5)) await send(packet(number));
    // Time to be read, and lost if nobody kept them.
    await sleep(50);
    void listener.start(receiver.deliver);
    expect(receiver.numbers).toEqual(range(5));
  });

  test('reports the buffer size that the kernel granted', async () => {
    await open({ receiveBufferBytes: 1_000_000_000 });
    expect(listener.grantedBufferBytes).toBeGreaterThan(0);
    // With CAP_NET_ADMIN the addon gets what it asks for; Node's own socket gets net.core.rmem_max at most.
    const short = listener.grantedBufferBytes < 1_000_000_000 ? ' of 1,000,000,000 asked for (raise net.core.rmem_max)' : '';
    expect(lines.infos[0]).toBe(
      `listening on ${listener.name}, receive buffer ${listener.grantedBufferBytes.toLocaleString('en-US')} bytes${short}`,
    );
    expect(short !== '' || addon !== null).toBe(true);
    await listener.stop();
    sender.close();
    await open({ receiveBufferBytes: 65_536 });
    expect(lines.infos[1]).not.toContain('asked for');
  });

  test('kernel drops are counted: received + dropped = sent', async () => {
    await open({ receiveBufferBytes: 4096 });
    void listener.start(receiver.deliver);
    const all: Promise<void>[] = [];
    for (const number of range(500)) all.push(send(packet(number, 700)));
    await Promise.all(all);
    await until('the rest was read', () => receiver.numbers.at(-1) !== undefined);
    await listener.stop();
    const dropped = await listener.drops();
    expect(dropped).toBeGreaterThan(0);
    expect(receiver.numbers.length + dropped).toBe(500);
  });

  test('datagrams off the allow list are counted, not delivered', async () => {
    await open({ allow: new AllowList(['127.0.0.2/32', '10.0.0.0/8']) });
    void listener.start(receiver.deliver);
    await send(packet(1));
    await until('it was refused', () => listener.losses.not_allowed === 1);
    expect([receiver.numbers, listener.summary().packets]).toEqual([[], 0]);
  });

  test('after stop nothing is delivered, and start has resolved', async () => {
    await open();
    const finished = listener.start(receiver.deliver);
    await send(packet(1));
    await listener.stop();
    await finished;
    expect(receiver.numbers).toEqual([1]);
    await listener.stop();
  });

  test('stop completes under traffic', async () => {
    await open();
    void listener.start(receiver.deliver);
    const traffic = setInterval(() => sender.send(packet(1), listener.port, '127.0.0.1'), 1);
    await until('traffic flows', () => receiver.numbers.length > 10);
    await listener.stop();
    const { length } = receiver.numbers;
    await sleep(30);
    clearInterval(traffic);
    expect(receiver.numbers.length).toBe(length);
  });

  test("a port that is taken is the operating system's error", async () => {
    await open();
    const second = new HepUdpListener({ transport: 'udp', host: '127.0.0.1', port: listener.port }, systemClock, lines, { addon });
    await expect(second.open()).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});

describe("the kernel's table", () => {
  const header = '   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops\n';
  const line = (local: string, drops: number) =>
    ` 1234: ${local} 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 27016 2 0000000000000000 ${drops}\n`;
  const six = '000080FE00000000FF565F0201000000';

  test.each([
    ['127.0.0.1', 9060, line('0100007F:2364', 17), 17],
    ['0.0.0.0', 9060, line('00000000:2364', 3), 3],
    ['127.0.0.1', 9060, line('0200007F:2364', 17) + line('0100007F:2365', 18), 0],
    ['127.0.0.1', 80, line('0100007F:0050', 9) + line('0100007F:0050', 1), 10],
    ['::1', 9060, line('00000000000000000000000001000000:2364', 5), 5],
    ['fe80::25f:56ff:0:1', 9060, line(six, 5), 0],
    ['127.0.0.1', 9060, '', 0],
    ['not an address', 9060, line('0100007F:2364', 17), 0],
  ])('%s port %i', (address, port, lines, drops) => expect(dropsIn(header + lines, address, port, true)).toBe(drops));

  test('on a big-endian machine the words are in the other byte order', () =>
    expect(dropsIn(header + line('7F000001:2364', 4), '127.0.0.1', 9060, false)).toBe(4));
});

describe('allow list', () => {
  test.each([
    [[], '192.0.2.1', true],
    [['10.0.0.0/8'], '10.255.0.1', true],
    [['10.0.0.0/8'], '11.0.0.1', false],
    [['192.0.2.7'], '192.0.2.7', true],
    [['192.0.2.7'], '192.0.2.8', false],
    [['10.0.0.0/8'], '::ffff:10.0.0.1', true],
    [['2001:db8::/32'], '2001:db8:1::1', true],
    [['2001:db8::/32'], '2001:db9::1', false],
    [['fe80::/10'], 'fe80::1%eth0', true],
    [['0.0.0.0/0'], '1.2.3.4', true],
    [['0.0.0.0/0'], '2001:db8::1', false],
    [['10.0.0.0/8'], '', false],
  ] as [string[], string, boolean][])('%j and %s: %s', (cidrs, address, allowed) => {
    const list = new AllowList(cidrs);
    expect([list.allows(address), list.allows(address)]).toEqual([allowed, allowed]);
  });

  test.each(['10.0.0.0/33', '10.0.0/8', '2001:db8::/129', 'localhost', '10.0.0.0/8/9', '10.0.0.0/', '10.0.0.0/x'])(
    '%s is not a network',
    (cidr) => {
      expect(() => new AllowList([cidr])).toThrow(`invalid network '${cidr}'`);
    },
  );
});

describe('a gate', () => {
  const through = datagramAddon();

  (through === null ? test.skip : test)(
    'packets wait in the ring while it is closed, and come in order when it opens; stop waits for nobody',
    async () => {
      receiver = new Receiver();
      lines = new Lines();
      await open({ addon: through });
      let opens: () => void = () => {};
      let closed = false;
      const gate = { ready: () => new Promise<void>((resolve) => (opens = resolve)) };
      void listener.start((arrival) => {
        receiver.deliver(arrival);
        closed = receiver.numbers.length % 10 === 0;
        return !closed;
      }, gate);
      for (const number of range(45)) await send(packet(number));
      await until('the gate is closed', () => closed);
      await sleep(50);
      expect(receiver.numbers).toEqual(range(10));
      opens();
      await until('the next ones', () => receiver.numbers.length === 20);
      await sleep(20);
      expect(receiver.numbers).toEqual(range(20));
      await listener.stop();
      expect(receiver.numbers).toEqual(range(45));
      opens();
      sender.close();
    },
  );
});
