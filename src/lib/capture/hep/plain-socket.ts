/** UDP through Node's own socket: works everywhere, one datagram at a time. */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../../base/index.js';
import type { DatagramOwner, DatagramSocket } from './datagram-socket.js';
import { socketDrops } from './socket-drops.js';

/** Before closing, pauses in which the receive buffer is read; bounded, because under traffic it never runs empty. */
const DRAIN_MS = 20;
const MAX_DRAINS = 10;
/** Datagrams between `open` and `start` that are kept. */
const MAX_EARLY = 4096;

export class PlainSocket implements DatagramSocket {
  address = '';
  port = 0;
  grantedBytes = 0;
  private socket: Socket | null = null;
  private early: [Buffer, RemoteInfo, number][] | null = [];
  private received = 0;

  constructor(
    private readonly owner: DatagramOwner,
    private readonly clock: Clock,
  ) {}

  async open(host: string, port: number, bufferBytes: number): Promise<void> {
    const isIpv6 = isIPv6(host);
    const socket = createSocket({ type: isIpv6 ? 'udp6' : 'udp4', ipv6Only: isIpv6, recvBufferSize: bufferBytes });
    socket.on('message', this.take);
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.bind({ port, address: host, exclusive: true }, () => {
        socket.off('error', reject);
        resolve();
      });
    });
    socket.on('error', (error) => this.owner.lastError(error.message));
    this.socket = socket;
    ({ address: this.address, port: this.port } = socket.address());
    this.grantedBytes = socket.getRecvBufferSize();
  }

  /** Node's socket has no buffer of its own, so it cannot wait for the gate. */
  start(): void {
    const early = this.early ?? [];
    this.early = null;
    for (const [bytes, remote, receivedAt] of early) this.owner.datagram(bytes, 0, bytes.length, receivedAt, remote.address, remote.port);
  }

  drops(): Promise<number> {
    return socketDrops(this.address, this.port);
  }

  async close(): Promise<void> {
    const { socket } = this;
    if (socket === null) return;
    for (let before = -1, drains = 0; before !== this.received && drains < MAX_DRAINS; drains++) {
      before = this.received;
      await sleep(DRAIN_MS);
    }
    this.socket = null;
    socket.removeAllListeners('message');
    await new Promise<void>((resolve) => socket.close(() => resolve()));
  }

  private readonly take = (bytes: Buffer, remote: RemoteInfo): void => {
    const receivedAt = this.clock.now();
    this.received++;
    if (this.early === null) this.owner.datagram(bytes, 0, bytes.length, receivedAt, remote.address, remote.port);
    else if (this.early.length < MAX_EARLY) this.early.push([bytes, remote, receivedAt]);
    else this.owner.lost('before_start');
  };
}
