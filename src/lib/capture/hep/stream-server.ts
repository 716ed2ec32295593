/** HEP3 over TCP and TLS: packets framed by their length, slow and idle connections closed, reading paused while the sinks are full. */
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:tls';
import {
  Counters,
  endpointText,
  tlsProblem,
  hepEndpointText,
  type Clock,
  type Deliver,
  type Gate,
  type HepEndpoint,
  type Log,
  type Source,
} from '../../base/index.js';
import { Admission } from './admission.js';
import type { AcceptedConnections } from './accepted-connections.js';
import { AllowList } from './allow-list.js';
import type { HepArrival, ListenerSummary } from './arrival.js';
import { HepConnection, type ConnectionEnvironment, type StreamLimits } from './connection.js';
import { ProblemLog } from './problem-log.js';
import { secureContext, type TlsIdentity } from './tls-identity.js';

export const STREAM_LIMITS: StreamLimits = {
  connections: 4096,
  peerConnections: 64,
  headerMs: 10_000,
  packetBytes: 65_535,
  idleMs: 120_000,
  completeMs: 10_000,
};

/** How often the ages of connections are checked. */
const SWEEP_MS = 1000;
/** How long senders may take to close their side when the listener stops. */
const FINISH_MS = 1000;

export interface StreamListenerOptions {
  /** Where connections come from instead of a port of its own. */
  accepted?: AcceptedConnections;
  limits?: Partial<StreamLimits>;
  allow?: AllowList;
  /** Required for TLS endpoints. */
  tls?: TlsIdentity;
  /** Called with what the receiver of a packet throws: a bug, which costs that packet only. By default it is logged. */
  onError?: (error: unknown) => void;
}

export class HepStreamListener implements Source<HepArrival> {
  private readonly counters = new Counters();
  private readonly limits: StreamLimits;
  private readonly admission: Admission;
  private readonly problems: ProblemLog;
  private readonly onError: (error: unknown) => void;
  private allow: AllowList;
  private readonly tls: TlsIdentity | null;
  private readonly accepted: AcceptedConnections | null;
  private readonly connections = new Set<HepConnection>();
  /** Connections accepted between `open` and `start`; nothing is read from them before. */
  private readonly early: Socket[] = [];
  private env: ConnectionEnvironment | null = null;
  private server: Server | null = null;
  private sweep: NodeJS.Timeout | null = null;
  private boundPort = 0;
  private packets = 0;
  private bytes = 0;
  private done: () => void = () => {};
  private stopping: Promise<void> | null = null;

  constructor(
    readonly endpoint: HepEndpoint,
    private readonly clock: Clock,
    private readonly log: Log,
    options: StreamListenerOptions = {},
  ) {
    this.limits = { ...STREAM_LIMITS, ...options.limits };
    this.allow = options.allow ?? new AllowList([]);
    this.tls = options.tls ?? null;
    this.accepted = options.accepted ?? null;
    this.problems = new ProblemLog(clock, log);
    this.onError =
      options.onError ?? ((error) => this.problems.warn('delivery', `${this.name}: cannot deliver a packet: ${String(error)}`));
    this.admission = new Admission(this.limits, (peer, port) => {
      this.counters.add('evicted_connections');
      this.problems.warn('evicted', `${this.name}: closed the idle connection from ${endpointText(peer, port)}: too many connections`);
    });
    if (endpoint.transport === 'tls' && this.tls === null) throw new Error('a TLS listener needs a certificate');
  }

  /** Listens; throws the operating system's error. Connections before `start` wait for it. */
  async open(): Promise<void> {
    const server = this.tls === null ? createServer((socket) => this.take(socket)) : this.tlsServer(this.tls);
    server.on('connection', (socket: Socket) => this.admit(socket));
    if (this.accepted === null) await this.listen(server);
    else this.accepted.receive(this.endpoint, (socket) => server.emit('connection', socket));
    server.on('error', (error: Error) => {
      this.counters.add('server_errors');
      this.log.warn(`${this.name}: ${error.message}`);
    });
    this.server = server;
    this.log.info(`listening on ${this.name}`);
  }

  private async listen(server: Server): Promise<void> {
    const { host, port } = this.endpoint;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host, port, ipv6Only: host.includes(':'), exclusive: true }, () => {
        server.off('error', reject);
        resolve();
      });
    });
    this.boundPort = (server.address() as AddressInfo).port;
  }

  get name(): string {
    return hepEndpointText({ ...this.endpoint, port: this.port });
  }

  get port(): number {
    return this.boundPort === 0 ? this.endpoint.port : this.boundPort;
  }

  start(deliver: Deliver<HepArrival>, gate: Gate): Promise<void> {
    const { clock, limits, counters, admission } = this;
    this.env = {
      clock,
      log: this.problems,
      limits,
      counters,
      deliver,
      gate,
      onError: (error) => {
        counters.add('delivery_errors');
        this.onError(error);
      },
      onHeader: (socket) => admission.prove(socket),
      reset: (socket) => admission.reset(socket),
      name: this.name,
      transport: this.endpoint.transport,
    };
    for (const socket of this.early.splice(0)) this.read(socket, this.env);
    // After pending reads: time in which we paused is not the sender's idle time.
    const sweepMs = Math.min(SWEEP_MS, limits.completeMs, limits.idleMs, limits.headerMs);
    this.sweep = setInterval(() => setImmediate(() => this.checkAges()), sweepMs);
    return new Promise((resolve) => {
      this.done = resolve;
    });
  }

  /** Uses another certificate for new connections; existing ones keep theirs. */
  reload(tls: TlsIdentity): void {
    if (this.tls !== null && this.server !== null) (this.server as TlsServer).setSecureContext(secureContext(tls));
  }

  /** Replaces the list of allowed senders while the socket stays open; connections no longer allowed are closed. */
  setAllow(allow: AllowList): void {
    this.allow = allow;
    for (const socket of this.admission.sockets) if (!allow.allows(socket.remoteAddress ?? '')) this.refuse(socket);
  }

  /** New limits for future connections, and for those that have sent no header yet; open ones stay. */
  setLimits(limits: Partial<StreamLimits>): void {
    Object.assign(this.limits, limits);
  }

  /** Stops accepting, delivers data in flight as far as there is room for it, and closes; further calls wait for the same end. */
  stop(): Promise<void> {
    this.stopping ??= this.close();
    return this.stopping;
  }

  private async close(): Promise<void> {
    const { server } = this;
    if (server === null) return;
    this.server = null;
    if (this.sweep !== null) clearInterval(this.sweep);
    const closed = this.accepted === null ? new Promise<void>((resolve) => void server.close(() => resolve())) : this.endAccepted();
    // What was read from the kernel already is still delivered.
    await new Promise((resolve) => setImmediate(resolve));
    for (const connection of this.connections) connection.finish();
    for (const socket of this.early) socket.destroy();
    const timer = setTimeout(() => {
      for (const connection of this.connections) connection.end();
      for (const socket of this.admission.sockets) socket.destroy();
    }, FINISH_MS);
    await closed;
    clearTimeout(timer);
    // The server may be closed a moment before the last connection has counted its truncated packet.
    while (this.connections.size > 0) await new Promise((resolve) => setImmediate(resolve));
    this.done();
  }

  /** A server without a port of its own does not know when its last connection is closed. */
  private async endAccepted(): Promise<void> {
    this.accepted!.end(this.endpoint);
    const closed = (socket: Socket) => new Promise<void>((resolve) => void (socket.destroyed ? resolve() : socket.once('close', resolve)));
    await Promise.all([...this.admission.sockets].map(closed));
  }

  /** Connections being read now. */
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

  /** What was refused, skipped or truncated, by reason. */
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
      const peer = peerOf(socket);
      this.problems.warn('tls', `${this.name}: no TLS connection from ${peer}: ${tlsProblem(error) || error.message}`);
      // Whoever sends plain HEP would take an orderly close for a delivery.
      below(socket)?.resetAndDestroy();
      socket.destroy();
    });
    return server;
  }

  private checkAges(): void {
    const nowMs = this.clock.monotonic();
    for (const socket of this.admission.overdue(nowMs)) {
      this.counters.add('closed_no_header');
      const peer = endpointText(socket.remoteAddress ?? '', socket.remotePort ?? 0);
      this.problems.warn('no_header', `${this.name}: connection from ${peer} closed: no HEP header after ${this.limits.headerMs / 1000} s`);
      socket.destroy();
    }
    for (const connection of this.connections) connection.checkAge(nowMs);
  }

  /** Runs for the raw connection, before any handshake is read: unknown senders learn nothing. */
  private admit(socket: Socket): void {
    socket.on('error', () => undefined); // it may be reset before anybody reads it
    if (!this.allow.allows(socket.remoteAddress ?? '')) return this.refuse(socket);
    const exceeded = this.admission.admit(socket, this.clock.monotonic());
    if (exceeded === '') return;
    const peer = endpointText(socket.remoteAddress ?? '', socket.remotePort ?? 0);
    const { connections, peerConnections } = this.limits;
    this.counters.add(exceeded === 'connections' ? 'refused_connections' : 'refused_peer_connections');
    this.problems.warn(
      exceeded,
      `${this.name}: refused a connection from ${peer}: ${exceeded === 'connections' ? `${connections} connections are open` : `it has ${peerConnections} connections already`}`,
    );
    socket.destroy();
  }

  private refuse(socket: Socket): void {
    this.counters.add('not_allowed');
    socket.destroy();
  }

  /** A connection ready to be read; for TCP before `admit` has seen it, for TLS after the handshake. */
  private take(socket: Socket): void {
    socket.on('error', () => this.counters.add('connection_errors'));
    if (!this.allow.allows(socket.remoteAddress ?? '')) return;
    if (this.env === null) this.early.push(socket);
    else this.read(socket, this.env);
  }

  private read(socket: Socket, env: ConnectionEnvironment): void {
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

/** The socket below TLS, if there is one: it remembers the address of a closed one. */
const below = (socket: Socket) => (socket as Socket & { _parent?: Socket })._parent;

function peerOf(socket: Socket): string {
  const address = socket.remoteAddress ?? below(socket)?.remoteAddress;
  return address === undefined ? 'a peer that is gone' : endpointText(address, socket.remotePort ?? below(socket)?.remotePort ?? 0);
}
