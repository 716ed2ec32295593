/** HEP3 over TCP and TLS: packets framed by their length, slow and silent connections closed, readers paused when the sinks are full. */
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:tls';
import {
  Counters,
  hepEndpointText,
  type Clock,
  type Deliver,
  type Gate,
  type HepEndpoint,
  type Log,
  type Source,
} from '../../base/index.js';
import { AllowList } from './allow-list.js';
import type { HepArrival, ListenerSummary } from './arrival.js';
import { HepConnection, type ConnectionSurroundings, type StreamLimits } from './connection.js';
import { secureContext, type TlsIdentity } from './tls-identity.js';

export const STREAM_LIMITS: StreamLimits = { connections: 1024, packetBytes: 65_535, idleMs: 120_000, completeMs: 10_000 };

/** How often connections are looked over for their age. */
const SWEEP_MS = 1000;

export interface StreamListenerOptions {
  limits?: Partial<StreamLimits>;
  allow?: AllowList;
  /** For TLS endpoints, which cannot do without. */
  tls?: TlsIdentity;
}

export class HepStreamListener implements Source<HepArrival> {
  private readonly counters = new Counters();
  private readonly limits: StreamLimits;
  private readonly allow: AllowList;
  private readonly tls: TlsIdentity | null;
  private readonly connections = new Set<HepConnection>();
  /** Sockets from accept to close, handshakes included. */
  private readonly sockets = new Set<Socket>();
  /** Connections that came between `open` and `start`; nothing is read from them before. */
  private readonly early: Socket[] = [];
  private env: ConnectionSurroundings | null = null;
  private server: Server | null = null;
  private sweep: NodeJS.Timeout | null = null;
  private boundPort = 0;
  private packets = 0;
  private bytes = 0;
  private done: () => void = () => {};

  constructor(
    private readonly endpoint: HepEndpoint,
    private readonly clock: Clock,
    private readonly log: Log,
    options: StreamListenerOptions = {},
  ) {
    this.limits = { ...STREAM_LIMITS, ...options.limits };
    this.allow = options.allow ?? new AllowList([]);
    this.tls = options.tls ?? null;
    if (endpoint.transport === 'tls' && this.tls === null) throw new Error('a TLS listener needs a certificate');
  }

  /** Listens; throws the operating system's error. Connections before `start` wait for it. */
  async open(): Promise<void> {
    const server = this.tls === null ? createServer((socket) => this.take(socket)) : this.tlsServer(this.tls);
    server.maxConnections = this.limits.connections;
    server.on('connection', (socket: Socket) => this.admit(socket));
    server.on('drop', () => this.counters.add('refused_connections'));
    const { host, port } = this.endpoint;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host, port, ipv6Only: host.includes(':'), exclusive: true }, () => {
        server.off('error', reject);
        resolve();
      });
    });
    server.on('error', (error: Error) => {
      this.counters.add('server_errors');
      this.log.warn(`${this.name}: ${error.message}`);
    });
    this.boundPort = (server.address() as AddressInfo).port;
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
    const { clock, log, limits, counters } = this;
    this.env = { clock, log, limits, counters, deliver, gate, name: this.name, transport: this.endpoint.transport };
    for (const socket of this.early.splice(0)) this.read(socket, this.env);
    // After the reads that wait: a pause of our own is nobody's silence.
    this.sweep = setInterval(() => setImmediate(() => this.checkAges()), Math.min(SWEEP_MS, limits.completeMs, limits.idleMs));
    return new Promise((resolve) => {
      this.done = resolve;
    });
  }

  /** Takes another certificate for connections from now on; those that stand go on. */
  reload(tls: TlsIdentity): void {
    if (this.tls !== null && this.server !== null) (this.server as TlsServer).setSecureContext(secureContext(tls));
  }

  async stop(): Promise<void> {
    const { server } = this;
    if (server === null) return;
    if (this.sweep !== null) clearInterval(this.sweep);
    const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
    // What was read from the kernel already is still delivered.
    await new Promise((resolve) => setImmediate(resolve));
    this.server = null;
    for (const connection of this.connections) connection.end();
    for (const socket of this.sockets) socket.destroy();
    await closed;
    this.done();
  }

  /** Connections that stand now. */
  get connectionCount(): number {
    return this.connections.size;
  }

  summary(): ListenerSummary {
    let { packets, bytes } = this;
    for (const connection of this.connections) {
      packets += connection.packets;
      bytes += connection.bytes;
    }
    return { name: this.name, packets, bytes, problem: '' };
  }

  /** What was refused, passed over or cut, by reason. */
  get losses(): Record<string, number> {
    return this.counters.toJSON();
  }

  private tlsServer(tls: TlsIdentity): Server {
    const server = createTlsServer(
      {
        ...secureContext(tls),
        requestCert: tls.requestCert,
        rejectUnauthorized: tls.requestCert,
        handshakeTimeout: this.limits.completeMs,
      },
      (socket) => this.take(socket),
    );
    server.on('tlsClientError', (error: Error, socket) => {
      this.counters.add('tls_errors');
      this.log.debug(`${this.name}: ${error.message}`);
      socket.destroy();
    });
    return server;
  }

  private checkAges(): void {
    const nowMs = this.clock.monotonic();
    for (const connection of this.connections) connection.checkAge(nowMs);
  }

  /** Runs for the bare connection, before any handshake is read: strangers learn nothing. */
  private admit(socket: Socket): void {
    if (!this.allow.allows(socket.remoteAddress ?? '')) {
      this.counters.add('not_allowed');
      socket.destroy();
      return;
    }
    this.sockets.add(socket);
    socket.on('close', () => this.sockets.delete(socket));
  }

  /** A connection ready to be read; of TCP before `admit` has seen it, of TLS after the handshake. */
  private take(socket: Socket): void {
    socket.on('error', () => this.counters.add('connection_errors'));
    if (!this.allow.allows(socket.remoteAddress ?? '')) return;
    if (this.env === null) this.early.push(socket);
    else this.read(socket, this.env);
  }

  private read(socket: Socket, env: ConnectionSurroundings): void {
    if (socket.destroyed) return;
    const connection = new HepConnection(socket, env);
    this.connections.add(connection);
    socket.on('close', () => {
      this.connections.delete(connection);
      this.packets += connection.packets;
      this.bytes += connection.bytes;
    });
  }
}
