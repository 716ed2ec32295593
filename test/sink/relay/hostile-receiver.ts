/** A TCP collector that mistreats its connections, and remembers what it read. */
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { numberOf } from './relay-rig.js';

/** `read` may end the connection, with `resetAndDestroy` (RST), `destroy` or `end` (FIN); `seen` is what this connection brought. */
export type Treatment = (socket: Socket, seen: readonly number[]) => void;

export class HostileReceiver {
  all: number[] = [];
  connections = 0;
  port = 0;
  private server: Server | null = null;
  private readonly sockets = new Set<Socket>();

  constructor(
    private readonly onConnection: (socket: Socket) => void,
    private readonly onPackets: Treatment = () => undefined,
  ) {}

  async start(): Promise<void> {
    const server = createServer({ allowHalfOpen: true }, (socket) => this.take(socket));
    this.server = server;
    await new Promise<void>((resolve) => server.listen(this.port, '127.0.0.1', resolve));
    this.port = (server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise<void>((resolve) => this.server!.close(() => resolve()));
  }

  resume(): void {
    for (const socket of this.sockets) socket.resume();
  }

  /** Closes all connections cleanly, reading to their ends, like a properly restarted collector. */
  async restart(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server!.close(() => resolve()));
    for (const socket of this.sockets) socket.end();
    await closed;
    await this.start();
  }

  private take(socket: Socket): void {
    this.connections++;
    this.sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => this.sockets.delete(socket));
    socket.on('end', () => socket.end());
    this.onConnection(socket);
    const seen: number[] = [];
    let rest = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      rest = Buffer.concat([rest, chunk]);
      while (rest.length >= 6 && rest.length >= rest.readUInt16BE(4)) {
        const number = numberOf(rest);
        seen.push(number);
        this.all.push(number);
        rest = rest.subarray(rest.readUInt16BE(4));
      }
      this.onPackets(socket, seen);
    });
  }
}
