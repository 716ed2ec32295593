/** HEP3 over TCP and TLS: packets framed by their length, slow and silent connections closed, readers paused when the sinks are full. */
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type Server as TlsServer, type TlsOptions } from 'node:tls';
import { hepEndpointText, type Clock, type Deliver, type Gate, type HepEndpoint, type Log, type Source } from '../../base/index.js';
import { HepFramer } from '../../hep/index.js';
import type { HepArrival, ListenerSums } from './arrival.js';

export interface StreamLimits {
  connections: number;
  /** Silence after which a connection is closed. */
  idleMs: number;
  /** Time in which a packet that has begun must be whole. */
  completeMs: number;
}

export const STREAM_LIMITS: StreamLimits = { connections: 1024, idleMs: 120_000, completeMs: 10_000 };

export class HepStreamListener implements Source<HepArrival> {
  private server: Server | TlsServer | null = null;
  private readonly sockets = new Set<Socket>();
  private deliver: Deliver<HepArrival> = () => true;
  private gate: Gate | null = null;
  private packets = 0;
  private bytes = 0;
  private boundPort = 0;
  private done: () => void = () => {};
  /** Bytes that were no HEP, and bytes of packets that never became whole. */
  readonly losses = { junkBytes: 0, unfinishedPackets: 0, refusedConnections: 0 };

  constructor(
    private readonly endpoint: HepEndpoint,
    private readonly clock: Clock,
    private readonly log: Log,
    private readonly limits: StreamLimits = STREAM_LIMITS,
    private readonly tls: TlsOptions | null = null,
  ) {}

  async open(): Promise<void> {
    const onSocket = (socket: Socket) => this.accept(socket);
    const server = this.tls === null ? createServer(onSocket) : createTlsServer(this.tls, onSocket);
    server.maxConnections = this.limits.connections;
    server.on('drop', () => {
      this.losses.refusedConnections++;
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.endpoint.port, this.endpoint.host, () => {
        server.off('error', reject);
        resolve();
      });
    });
    server.on('error', (error: Error) => this.log.warn(`${this.name}: ${error.message}`));
    const address = server.address();
    this.boundPort = address !== null && typeof address === 'object' ? address.port : this.endpoint.port;
    this.server = server;
    this.log.info(`listening on ${this.name}`);
  }

  get name(): string {
    return hepEndpointText({ ...this.endpoint, port: this.port });
  }

  get port(): number {
    return this.boundPort === 0 ? this.endpoint.port : this.boundPort;
  }

  start(deliver: Deliver<HepArrival>, gate: Gate): Promise<void> {
    this.deliver = deliver;
    this.gate = gate;
    return new Promise((resolve) => {
      this.done = resolve;
    });
  }

  async stop(): Promise<void> {
    const { server } = this;
    if (server === null) return;
    this.server = null;
    const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
    for (const socket of this.sockets) socket.destroy();
    await closed;
    this.done();
  }

  sums(): ListenerSums {
    return { name: this.name, packets: this.packets, bytes: this.bytes, problem: '' };
  }

  private accept(socket: Socket): void {
    this.sockets.add(socket);
    const from = `${socket.remoteAddress} ${socket.remotePort}`;
    const framer = new HepFramer();
    const arrival: HepArrival = {
      bytes: Buffer.alloc(0), from: 0, to: 0, receivedAt: 0,
      peer: {
        peerAddress: socket.remoteAddress ?? '', peerPort: socket.remotePort ?? 0,
        localAddress: socket.localAddress ?? '', localPort: socket.localPort ?? 0, transport: this.tls === null ? 'tcp' : 'tls',
      },
    };
    let room = true;
    let unfinished: NodeJS.Timeout | null = null;
    const take = (bytes: Buffer, first: number, past: number) => {
      this.packets++;
      arrival.bytes = bytes;
      arrival.from = first;
      arrival.to = past;
      if (!this.deliver(arrival)) room = false;
    };
    socket.setTimeout(this.limits.idleMs, () => {
      this.log.info(`${this.name}: connection from ${from} was silent for ${this.limits.idleMs / 1000} s and is closed`);
      socket.destroy();
    });
    socket.on('data', (chunk: Buffer) => {
      this.bytes += chunk.length;
      arrival.receivedAt = this.clock.now();
      if (framer.push(chunk, 0, chunk.length, take) === 'close') {
        this.log.warn(`${this.name}: ${framer.skippedBytes} bytes from ${from} are no HEP: connection closed`);
        socket.destroy();
        return;
      }
      if (unfinished !== null) clearTimeout(unfinished);
      unfinished = framer.holding ? setTimeout(() => {
        this.log.warn(`${this.name}: a packet from ${from} was not whole after ${this.limits.completeMs / 1000} s: connection closed`);
        socket.destroy();
      }, this.limits.completeMs) : null;
      if (!room) {
        room = true;
        socket.pause();
        void this.gate?.ready().then(() => socket.resume());
      }
    });
    socket.on('error', (error) => this.log.info(`${this.name}: connection from ${from}: ${error.message}`));
    socket.on('close', () => {
      if (unfinished !== null) clearTimeout(unfinished);
      if (framer.holding) this.losses.unfinishedPackets++;
      this.losses.junkBytes += framer.skippedBytes;
      if (framer.skippedBytes > 0) this.log.warn(`${this.name}: ${framer.skippedBytes} bytes from ${from} were no HEP and were passed over`);
      this.sockets.delete(socket);
    });
  }
}
