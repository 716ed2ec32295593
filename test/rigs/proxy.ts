/** A TCP proxy in front of a database server that can be cut: all at once, or after a count of bytes to the server. */
import { createServer, connect, type Server, type Socket } from 'node:net';

export class Proxy {
  /** While true, new connections are closed immediately. */
  down = false;
  /** Bytes towards the server after which the connection is cut, once; Infinity never. */
  cutAfter = Infinity;
  /** Bytes from the server after which the reply is swallowed and the connection cut, once. */
  deafAfter = Infinity;
  /** While true, nothing passes in either direction, and connections stay open. */
  frozen = false;
  connections = 0;
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    private target: { host: string; port: number },
  ) {}

  /** In front of the server of that URL. */
  static async open(url: string): Promise<Proxy> {
    const { hostname, port } = new URL(url);
    const server = createServer();
    const proxy = new Proxy(server, { host: hostname, port: Number(port) });
    server.on('connection', (socket) => proxy.join(socket));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  /** New connections lead to another server, as after a failover behind a virtual address. */
  retarget(url: string): void {
    const { hostname, port } = new URL(url);
    this.target = { host: hostname, port: Number(port) };
  }

  /** The URL through the proxy. */
  through(url: string): string {
    const other = new URL(url);
    other.hostname = '127.0.0.1';
    other.port = String((this.server.address() as { port: number }).port);
    return other.href;
  }

  cut(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private join(client: Socket): void {
    this.connections++;
    if (this.down) {
      client.destroy();
      return;
    }
    const upstream = connect(this.target);
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      this.sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        this.sockets.delete(socket);
        other.destroy();
      });
    }
    client.on('data', (bytes) => {
      if (this.frozen) return;
      if (bytes.length > this.cutAfter) {
        upstream.write(bytes.subarray(0, this.cutAfter), () => this.cut());
        this.cutAfter = Infinity;
        return;
      }
      this.cutAfter -= bytes.length;
      if (!upstream.write(bytes)) {
        client.pause();
        upstream.once('drain', () => client.resume());
      }
    });
    upstream.on('data', (bytes) => {
      if (this.frozen) return;
      this.deafAfter -= bytes.length;
      if (this.deafAfter < 0) {
        this.deafAfter = Infinity;
        this.cut();
        return;
      }
      client.write(bytes);
    });
  }
}
