/** Numbered HEP packets, receivers on loopback that can be stopped and restarted on their port, and a relay in front of them. */
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from '@jest/globals';
import { freePort } from '../../rigs/free-port.js';
import { silentLog, systemClock, type HepEndpoint } from '../../../src/lib/base/index.js';
import { RelaySink, type RelayOptions, type TargetCounts } from '../../../src/lib/sink/relay/index.js';

export function packet(number: number, bytes = 100): Buffer {
  const made = Buffer.alloc(bytes, 0x2e);
  made.write('HEP3', 0, 'latin1');
  made.writeUInt16BE(bytes, 4);
  made.writeUInt32BE(number, 6);
  return made;
}

export function numberOf(bytes: Buffer): number {
  return bytes.readUInt32BE(6);
}

export class TcpReceiver {
  /** Numbers as they came, by connection. */
  connections: number[][] = [];
  /** Bytes of the packets, for those who want to compare. */
  packets: Buffer[] = [];
  port = 0;
  paused = false;
  private server: Server | null = null;
  private readonly sockets = new Set<Socket>();

  constructor(
    private readonly tls: TlsOptions | null = null,
    private readonly host = '127.0.0.1',
  ) {}

  async start(port = this.port): Promise<void> {
    const server =
      this.tls === null
        ? createServer({ pauseOnConnect: this.paused }, (socket) => this.take(socket))
        : createTlsServer(this.tls, (socket) => this.take(socket));
    this.server = server;
    server.on('tlsClientError', () => undefined);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, this.host, resolve);
    });
    this.port = (server.address() as AddressInfo).port;
  }

  /** Resets all connections (RST), like a killed process with unread bytes. */
  async kill(): Promise<void> {
    if (this.tls === null) for (const socket of this.sockets) socket.resetAndDestroy();
    await this.stop();
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    const { server } = this;
    this.server = null;
    if (server !== null) await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  resume(): void {
    this.paused = false;
    for (const socket of this.sockets) socket.resume();
  }

  get all(): number[] {
    return this.connections.flat();
  }

  private take(socket: Socket): void {
    const seen: number[] = [];
    this.connections.push(seen);
    this.sockets.add(socket);
    let rest: Buffer = Buffer.alloc(0);
    if (this.paused)
      socket.pause(); // before anything is read
    else socket.resume();
    socket.on('data', (chunk: Buffer) => {
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      while (rest.length >= 6 && rest.length >= rest.readUInt16BE(4)) {
        if (rest.latin1Slice(0, 4) !== 'HEP3') throw new Error('the stream lost its frame');
        const one = rest.subarray(0, rest.readUInt16BE(4));
        rest = rest.subarray(one.length);
        this.packets.push(one);
        seen.push(numberOf(one));
      }
    });
    socket.on('error', () => undefined);
    socket.on('close', () => this.sockets.delete(socket));
  }
}

export class UdpReceiver {
  all: number[] = [];
  packets: Buffer[] = [];
  port = 0;
  private socket: UdpSocket | null = null;

  constructor(private readonly host = '127.0.0.1') {}

  async start(port = this.port): Promise<void> {
    const socket = createSocket({ type: 'udp4', recvBufferSize: 4 * 1024 * 1024 });
    this.socket = socket;
    socket.on('message', (bytes) => {
      this.packets.push(bytes);
      this.all.push(numberOf(bytes));
    });
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.bind(port, this.host, resolve);
    });
    this.port = socket.address().port;
  }

  async stop(): Promise<void> {
    const { socket } = this;
    this.socket = null;
    if (socket !== null) await new Promise<void>((resolve) => socket.close(() => resolve()));
  }
}

export function endpoint(transport: HepEndpoint['transport'], port: number): HepEndpoint {
  return { transport, host: '127.0.0.1', port };
}

export async function openRelay(targets: HepEndpoint[], options: Partial<RelayOptions> = {}, started = true): Promise<RelaySink> {
  const relay = await RelaySink.open({
    targets,
    policy: 'all',
    clock: systemClock,
    log: silentLog,
    spoolDirectory: null,
    spoolSync: 'never',
    maxBackOffMs: 50,
    probeMs: 50,
    graceMs: 1000,
    spoolRate: 0,
    random: () => 0,
    ...options,
  });
  if (started) relay.start();
  return relay;
}

export async function until(what: string, condition: () => boolean, withinMs = 10_000): Promise<void> {
  for (let waitedMs = 0; !condition(); waitedMs += 5) {
    if (waitedMs > withinMs) throw new Error(`never happened: ${what}`);
    await sleep(5);
  }
}

export { freePort };

export function expectLaw(counts: TargetCounts[]): void {
  for (const count of counts) expect([count.target, count.sent + count.waiting + count.lost]).toEqual([count.target, count.received]);
}

/** The numbers in the order in which they came first. */
export function firstSeen(numbers: readonly number[]): number[] {
  return [...new Set(numbers)];
}

/** Each connection's packets only ever go up: nothing newer before something older. */
export function expectOrder(connections: readonly number[][]): void {
  for (const seen of connections) {
    for (let i = 1; i < seen.length; i++) if (seen[i] <= seen[i - 1]) throw new Error(`${seen[i]} came after ${seen[i - 1]}`);
  }
}

export function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}
