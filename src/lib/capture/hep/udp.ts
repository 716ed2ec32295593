/**
 * HEP over UDP: one packet per datagram. Senders cannot be made to wait, so the socket gets as large a buffer as the kernel
 * grants, and remaining drops are counted.
 */
import {
  Counters,
  datagramAddon,
  hepEndpointText,
  grouped,
  type Clock,
  type DatagramAddon,
  type Deliver,
  type Gate,
  type HepEndpoint,
  type Log,
  type Source,
} from '../../base/index.js';
import type { HepPeer } from '../../hep/index.js';
import { AllowList } from './allow-list.js';
import type { HepArrival, ListenerSummary } from './arrival.js';
import { BatchSocket } from './batch-socket.js';
import type { DatagramOwner, DatagramSocket } from './datagram-socket.js';
import { PlainSocket } from './plain-socket.js';
import { ProblemLog } from './problem-log.js';

/** A datagram of 730 bytes is charged about 2,300: this holds some 7,000 of them where the kernel grants it. */
const RECEIVE_BUFFER_BYTES = 16 * 1024 * 1024;
const NO_PEER: HepPeer = { peerAddress: '', peerPort: 0, localAddress: '', localPort: 0, transport: 'udp' };

export interface UdpListenerOptions {
  allow?: AllowList;
  /** Asked of the kernel, which grants net.core.rmem_max at most. */
  receiveBufferBytes?: number;
  /** What empties the socket in batches; null for Node's own socket. By default the addon where it is installed. */
  addon?: DatagramAddon | null;
  /** Other processes bind the same address; only with the addon. */
  shared?: boolean;
  /** Called with what the receiver of a packet throws: a bug, which costs that packet only. By default it is logged. */
  onError?: (error: unknown) => void;
}

export class HepUdpListener implements Source<HepArrival>, DatagramOwner {
  private readonly counters = new Counters();
  private readonly onError: (error: unknown) => void;
  private allow: AllowList;
  private readonly receiveBufferBytes: number;
  private readonly socket: DatagramSocket;
  private readonly arrival: HepArrival = {
    bytes: Buffer.alloc(0),
    from: 0,
    to: 0,
    receivedAt: 0,
    peer: NO_PEER,
  };
  private state: 'new' | 'open' | 'closed' = 'new';
  private deliver: Deliver<HepArrival> = () => true;
  private packets = 0;
  private bytes = 0;
  private dropped = 0;
  private done: () => void = () => {};
  private stopping: Promise<void> | null = null;

  constructor(
    readonly endpoint: HepEndpoint,
    clock: Clock,
    private readonly log: Log,
    options: UdpListenerOptions = {},
  ) {
    this.allow = options.allow ?? new AllowList([]);
    const problems = new ProblemLog(clock, log);
    this.onError = options.onError ?? ((error) => problems.warn('delivery', `${this.name}: cannot deliver a packet: ${String(error)}`));
    this.receiveBufferBytes = options.receiveBufferBytes ?? RECEIVE_BUFFER_BYTES;
    const addon = options.addon === undefined ? datagramAddon() : options.addon;
    this.socket = addon === null ? new PlainSocket(this, clock) : new BatchSocket(this, addon, options.shared);
  }

  /** Binds the socket; throws the operating system's error. What arrives before `start` is kept for it. */
  async open(): Promise<void> {
    const { host, port } = this.endpoint;
    await this.socket.open(host, port, this.receiveBufferBytes);
    this.state = 'open';
    const granted = this.grantedBufferBytes;
    const short = granted < this.receiveBufferBytes ? ` of ${grouped(this.receiveBufferBytes)} asked for (raise net.core.rmem_max)` : '';
    this.log.info(`listening on ${this.name}, receive buffer ${grouped(granted)} bytes${short}`);
  }

  get name(): string {
    return hepEndpointText({ ...this.endpoint, port: this.port });
  }

  /** The port it is bound to. */
  get port(): number {
    return this.socket.port === 0 ? this.endpoint.port : this.socket.port;
  }

  /** Bytes of receive buffer that the kernel granted. */
  get grantedBufferBytes(): number {
    return this.socket.grantedBytes;
  }

  /** With a gate, packets wait for it where the socket has a ring to keep them; without one they never do. */
  start(deliver: Deliver<HepArrival>, gate: Gate | null = null): Promise<void> {
    this.deliver = deliver;
    this.socket.start(gate);
    return new Promise((resolve) => {
      this.done = resolve;
    });
  }

  stop(): Promise<void> {
    this.stopping ??= this.close();
    return this.stopping;
  }

  private async close(): Promise<void> {
    if (this.state !== 'open') return;
    this.state = 'closed';
    await this.noteDrops();
    await this.socket.close();
    await this.noteDrops();
    this.done();
  }

  /** Datagrams that the kernel dropped at this socket so far. */
  async drops(): Promise<number> {
    if (this.state === 'open') await this.noteDrops();
    return this.dropped;
  }

  /** Replaces the list of allowed senders while the socket stays open. */
  setAllow(allow: AllowList): void {
    this.allow = allow;
    this.arrival.peer = NO_PEER; // the next packet is checked whoever sent the last one
  }

  summary(): ListenerSummary {
    return { name: this.name, packets: this.packets, bytes: this.bytes, problem: '' };
  }

  /** What was not delivered, by reason. */
  get losses(): Record<string, number> {
    return this.counters.toJSON();
  }

  datagram(bytes: Buffer, from: number, to: number, receivedAt: number, address: string, port: number): boolean {
    const { arrival } = this;
    if (port !== arrival.peer.peerPort || address !== arrival.peer.peerAddress) {
      if (!this.allow.allows(address)) {
        this.counters.add('not_allowed');
        return true;
      }
      arrival.peer = {
        peerAddress: address,
        peerPort: port,
        localAddress: this.socket.address,
        localPort: this.socket.port,
        transport: 'udp',
      };
    }
    this.packets++;
    this.bytes += to - from;
    arrival.bytes = bytes;
    arrival.from = from;
    arrival.to = to;
    arrival.receivedAt = receivedAt;
    try {
      return this.deliver(arrival);
    } catch (error) {
      this.counters.add('delivery_errors');
      this.onError(error);
      return true;
    }
  }

  lost(reason: string): void {
    this.counters.add(reason);
  }

  lastError(message: string): void {
    this.counters.add('socket_errors');
    this.log.warn(`${this.name}: ${message}`);
  }

  private async noteDrops(): Promise<void> {
    this.dropped = Math.max(this.dropped, await this.socket.drops());
  }
}
