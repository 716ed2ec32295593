/** A TCP proxy in front of a MariaDB server that reads its protocol: it sees the commands, hides the bulk protocol, or refuses it. */
import { connect, createServer, type Server, type Socket } from 'node:net';

const COM_STMT_BULK_EXECUTE = 0xfa;

export interface MysqlProxyOptions {
  /** The greeting is that of MySQL, which has none of MariaDB's own capabilities. */
  hidesBulk?: boolean;
  /** The bulk command is answered with this error. */
  refusesBulk?: number;
}

export class MysqlProxy {
  /** First byte of each command, in order. */
  readonly commands: number[] = [];
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    private readonly target: { host: string; port: number },
    private readonly options: MysqlProxyOptions,
  ) {}

  static async open(url: string, options: MysqlProxyOptions = {}): Promise<MysqlProxy> {
    const { hostname, port } = new URL(url);
    const server = createServer();
    const proxy = new MysqlProxy(server, { host: hostname, port: Number(port) }, options);
    server.on('connection', (socket) => proxy.join(socket));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  through(url: string): string {
    const other = new URL(url);
    other.port = String((this.server.address() as { port: number }).port);
    return other.href;
  }

  times(command: 'bulk' | 'execute' | 'prepare' | 'close'): number {
    const code = { bulk: COM_STMT_BULK_EXECUTE, execute: 0x17, prepare: 0x16, close: 0x19 }[command];
    return this.commands.filter((each) => each === code).length;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private join(client: Socket): void {
    const upstream = connect(this.target);
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ]) {
      this.sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        this.sockets.delete(socket);
        other.destroy();
      });
    }
    let isGreeting = true;
    upstream.on('data', (bytes) => {
      if (isGreeting && this.options.hidesBulk === true) asMysql(bytes);
      isGreeting = false;
      client.write(bytes);
    });
    let pending = Buffer.alloc(0);
    client.on('data', (bytes) => {
      pending = Buffer.concat([pending, bytes]);
      for (let length; pending.length >= 4 && pending.length >= (length = 4 + pending.readUIntLE(0, 3)); pending = pending.subarray(length))
        this.pass(pending.subarray(0, length), client, upstream);
    });
  }

  private pass(packet: Buffer, client: Socket, upstream: Socket): void {
    const isCommand = packet[3] === 0;
    if (isCommand) this.commands.push(packet[4]);
    const { refusesBulk } = this.options;
    if (refusesBulk !== undefined && isCommand && packet[4] === COM_STMT_BULK_EXECUTE) client.write(errorPacket(refusesBulk));
    else upstream.write(packet);
  }
}

/** Changes a greeting: the flag of MySQL is set, and where MariaDB has its own capabilities there are none. */
function asMysql(greeting: Buffer): void {
  const versionEnd = greeting.indexOf(0, 5);
  greeting[versionEnd + 14] |= 1;
  greeting.fill(0, versionEnd + 28, versionEnd + 32);
}

function errorPacket(code: number): Buffer {
  const text = Buffer.from('#HY000refused by a proxy');
  const packet = Buffer.alloc(7 + text.length);
  packet.writeUIntLE(packet.length - 4, 0, 3);
  packet[3] = 1;
  packet[4] = 0xff;
  packet.writeUInt16LE(code, 5);
  text.copy(packet, 7);
  return packet;
}
