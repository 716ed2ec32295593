/** HEP over UDP: one packet a datagram. Datagrams cannot wait: a large receive buffer, and its drops counted. */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { hepEndpointText, type Clock, type Deliver, type HepEndpoint, type Log, type Source } from '../../base/index.js';
import type { HepArrival, ListenerSums } from './arrival.js';
import { socketDrops } from './socket-drops.js';

/** A datagram of 730 bytes is charged about 2,300: this holds some 7,000 of them where the kernel gives it. */
const RECEIVE_BUFFER_BYTES = 16 * 1024 * 1024;
/** Time for what lies in the receive buffer to come out before the socket is closed. */
const DRAIN_MS = 20;

export class HepUdpListener implements Source<HepArrival> {
  private socket: Socket | null = null;
  private packets = 0;
  private bytes = 0;
  private dropped = 0;
  private done: () => void = () => {};

  constructor(private readonly endpoint: HepEndpoint, private readonly clock: Clock, private readonly log: Log) {}

  /** Binds the socket; throws the operating system's error. */
  async open(): Promise<void> {
    const { host, port } = this.endpoint;
    const socket = createSocket({ type: isIPv6(host) ? 'udp6' : 'udp4', recvBufferSize: RECEIVE_BUFFER_BYTES });
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.bind(port, host, () => {
        socket.off('error', reject);
        resolve();
      });
    });
    socket.on('error', (error) => this.log.warn(`${this.name}: ${error.message}`));
    this.socket = socket;
    const granted = socket.getRecvBufferSize();
    this.log.info(`listening on ${this.name}, receive buffer ${granted.toLocaleString('en-US')} bytes${granted < RECEIVE_BUFFER_BYTES ? ` of ${RECEIVE_BUFFER_BYTES.toLocaleString('en-US')} asked for (raise net.core.rmem_max)` : ''}`);
  }

  get name(): string {
    return hepEndpointText({ ...this.endpoint, port: this.port });
  }

  /** The port it is bound to. */
  get port(): number {
    return this.socket?.address().port ?? this.endpoint.port;
  }

  start(deliver: Deliver<HepArrival>): Promise<void> {
    const socket = this.socket!;
    const { address, port } = socket.address();
    const { clock } = this;
    let peer: HepArrival['peer'] = { peerAddress: '', peerPort: 0, localAddress: address, localPort: port, transport: 'udp' };
    const arrival: HepArrival = { bytes: Buffer.alloc(0), from: 0, to: 0, receivedAt: 0, peer };
    socket.on('message', (bytes: Buffer, remote: RemoteInfo) => {
      this.packets++;
      this.bytes += bytes.length;
      if (remote.port !== peer.peerPort || remote.address !== peer.peerAddress) {
        peer = { peerAddress: remote.address, peerPort: remote.port, localAddress: address, localPort: port, transport: 'udp' };
        arrival.peer = peer;
      }
      arrival.bytes = bytes;
      arrival.to = bytes.length;
      arrival.receivedAt = clock.now();
      deliver(arrival);
    });
    return new Promise((resolve) => {
      this.done = resolve;
    });
  }

  async stop(): Promise<void> {
    if (this.socket === null) return;
    for (let before = -1; before !== this.packets;) {
      before = this.packets;
      await sleep(DRAIN_MS);
    }
    await this.drops();
    const socket = this.socket;
    this.socket = null;
    await new Promise<void>((resolve) => socket.close(() => resolve()));
    this.done();
  }

  /** Datagrams that the kernel dropped at this socket so far. */
  async drops(): Promise<number> {
    if (this.socket !== null) this.dropped = await socketDrops(this.port, isIPv6(this.endpoint.host));
    return this.dropped;
  }

  sums(): ListenerSums {
    return { name: this.name, packets: this.packets, bytes: this.bytes, problem: '' };
  }
}
