/**
 * HEP over UDP: one packet a datagram. Nothing can make the senders wait, so the kernel gets as large a buffer as it
 * grants, and what it drops all the same is counted.
 */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Counters, hepEndpointText, type Clock, type Deliver, type HepEndpoint, type Log, type Source } from '../../base/index.js';
import { AllowList } from './allow-list.js';
import type { HepArrival, ListenerSums } from './arrival.js';
import { socketDrops } from './socket-drops.js';

/** A datagram of 730 bytes is charged about 2,300: this holds some 7,000 of them where the kernel gives it. */
const RECEIVE_BUFFER_BYTES = 16 * 1024 * 1024;
/** Pauses while what lies in the receive buffer comes out before the socket is closed; under traffic it never ends by itself. */
const DRAIN_MS = 20;
const MOST_DRAINS = 10;
/** Datagrams between `open` and `start` that are kept. */
const MOST_EARLY = 4096;

export interface UdpListenerOptions {
  allow?: AllowList;
  /** Asked of the kernel, which grants net.core.rmem_max at most. */
  receiveBufferBytes?: number;
}

export class HepUdpListener implements Source<HepArrival> {
  private readonly counters = new Counters();
  private readonly allow: AllowList;
  private readonly receiveBufferBytes: number;
  private readonly early: [Buffer, RemoteInfo, number][] = [];
  private readonly arrival: HepArrival = {
    bytes: Buffer.alloc(0), from: 0, to: 0, receivedAt: 0, peer: { peerAddress: '', peerPort: 0, localAddress: '', localPort: 0, transport: 'udp' },
  };
  private socket: Socket | null = null;
  private localAddress = '';
  private localPort = 0;
  private deliver: Deliver<HepArrival> | null = null;
  private packets = 0;
  private bytes = 0;
  private dropped = 0;
  private granted = 0;
  private done: () => void = () => {};

  constructor(private readonly endpoint: HepEndpoint, private readonly clock: Clock, private readonly log: Log, options: UdpListenerOptions = {}) {
    this.allow = options.allow ?? new AllowList([]);
    this.receiveBufferBytes = options.receiveBufferBytes ?? RECEIVE_BUFFER_BYTES;
  }

  /** Binds the socket; throws the operating system's error. What comes before `start` is kept for it. */
  async open(): Promise<void> {
    const { host, port } = this.endpoint;
    const isIpv6 = isIPv6(host);
    const socket = createSocket({ type: isIpv6 ? 'udp6' : 'udp4', ipv6Only: isIpv6, recvBufferSize: this.receiveBufferBytes });
    socket.on('message', (bytes, remote) => this.take(bytes, remote, this.clock.now()));
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.bind({ port, address: host, exclusive: true }, () => {
        socket.off('error', reject);
        resolve();
      });
    });
    socket.on('error', (error) => {
      this.counters.add('socket_errors');
      this.log.warn(`${this.name}: ${error.message}`);
    });
    this.socket = socket;
    this.localAddress = socket.address().address;
    this.localPort = socket.address().port;
    this.granted = socket.getRecvBufferSize();
    const short = this.granted < this.receiveBufferBytes ? ` of ${figure(this.receiveBufferBytes)} asked for (raise net.core.rmem_max)` : '';
    this.log.info(`listening on ${this.name}, receive buffer ${figure(this.granted)} bytes${short}`);
  }

  get name(): string {
    return hepEndpointText({ ...this.endpoint, port: this.port });
  }

  /** The port it is bound to. */
  get port(): number {
    return this.localPort === 0 ? this.endpoint.port : this.localPort;
  }

  /** Bytes of receive buffer that the kernel granted. */
  get grantedBufferBytes(): number {
    return this.granted;
  }

  start(deliver: Deliver<HepArrival>): Promise<void> {
    this.deliver = deliver;
    for (const [bytes, remote, receivedAt] of this.early.splice(0)) this.take(bytes, remote, receivedAt);
    return new Promise((resolve) => {
      this.done = resolve;
    });
  }

  async stop(): Promise<void> {
    const { socket } = this;
    if (socket === null) return;
    for (let before = -1, drains = 0; before !== this.packets && drains < MOST_DRAINS; drains++) {
      before = this.packets;
      await sleep(DRAIN_MS);
    }
    await this.drops();
    this.socket = null;
    socket.removeAllListeners('message');
    await new Promise<void>((resolve) => socket.close(() => resolve()));
    this.done();
  }

  /** Datagrams that the kernel dropped at this socket so far. */
  async drops(): Promise<number> {
    if (this.socket !== null) this.dropped = Math.max(this.dropped, await socketDrops(this.localAddress, this.localPort));
    return this.dropped;
  }

  sums(): ListenerSums {
    return { name: this.name, packets: this.packets, bytes: this.bytes, problem: '' };
  }

  /** What was not delivered, by reason. */
  get losses(): Record<string, number> {
    return this.counters.toJSON();
  }

  private take(bytes: Buffer, remote: RemoteInfo, receivedAt: number): void {
    if (!this.allow.allows(remote.address)) {
      this.counters.add('not_allowed');
      return;
    }
    if (this.deliver === null) {
      if (this.early.length < MOST_EARLY) this.early.push([bytes, remote, receivedAt]);
      else this.counters.add('before_start');
      return;
    }
    this.packets++;
    this.bytes += bytes.length;
    const { arrival } = this;
    if (remote.port !== arrival.peer.peerPort || remote.address !== arrival.peer.peerAddress) {
      arrival.peer = { peerAddress: remote.address, peerPort: remote.port, localAddress: this.localAddress, localPort: this.localPort, transport: 'udp' };
    }
    arrival.bytes = bytes;
    arrival.to = bytes.length;
    arrival.receivedAt = receivedAt;
    this.deliver(arrival);
  }
}

function figure(count: number): string {
  return count.toLocaleString('en-US');
}
