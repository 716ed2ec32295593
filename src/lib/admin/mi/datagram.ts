/** Management commands by datagram: one JSON-RPC request each, or the text protocol's, and the reply to the sender. */
import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { UsageError, bindError, isLoopback, type Clock, type Log } from '../../base/index.js';
import type { ManagedNode } from './commands.js';
import { answerJsonRpc } from './json-rpc.js';
import { removeIfAllowed } from './remove.js';
import { answerText } from './text-protocol.js';
import { unixDatagram, unixPath, type UnixDatagram } from './unix-datagram.js';

const PATIENCE_MS = 1000;

export class MiDatagram {
  private socket: Socket | null = null;
  private unix: UnixDatagram | null = null;
  private readonly answering = new Set<Promise<void>>();

  /** `where`: udp:address:port, or the path of a UNIX socket. */
  constructor(
    private readonly where: string,
    private readonly node: ManagedNode,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  async open(): Promise<void> {
    const path = unixPath(this.where);
    if (path !== '') return this.openUnix(path);
    const match = /^udp:(?:\[([^\]]+)\]|([^:]+)):(\d+)$/i.exec(this.where);
    if (match === null)
      throw new UsageError(`invalid mi.datagram '${this.where}': expected udp:127.0.0.1:8080 or the path of a UNIX socket`);
    const host = match[1] ?? match[2];
    // Datagrams carry no token, and their senders can be forged.
    if (!isLoopback(host))
      throw new UsageError(`mi.datagram ${this.where} is not on loopback: use 127.0.0.1, [::1] or a UNIX socket, or mi.http with mi.token`);
    const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
    await new Promise<void>((resolve, reject) => {
      const port = Number(match[3]);
      socket.once('error', (error) => void bindError(error, { protocol: 'udp', name: this.where, host, port }).then(reject));
      socket.bind(port, host, () => resolve());
    });
    socket.removeAllListeners('error');
    socket.on('error', (error) => this.log.warn(`mi: ${error.message}`));
    socket.on('message', (bytes, { address, port }) => {
      this.reply(bytes, (reply, done) => socket.send(reply, port, address, done));
    });
    this.socket = socket;
  }

  get port(): number {
    return this.socket?.address().port ?? 0;
  }

  /** Running commands are completed and replied to. */
  async close(): Promise<void> {
    await Promise.race([Promise.all(this.answering), sleep(PATIENCE_MS, undefined, { ref: false })]);
    const { socket, unix } = this;
    if (unix !== null) {
      unix.close();
      removeIfAllowed(unixPath(this.where));
    }
    this.unix = null;
    if (socket !== null) await new Promise<void>((resolve) => socket.close(() => resolve()));
    this.socket = null;
  }

  private async openUnix(path: string): Promise<void> {
    const unix = await unixDatagram(path);
    unix.on('error', (error) => this.log.warn(`mi: ${error.message}`));
    unix.on('data', (bytes, sender) => {
      // There is no way to reply to a sender without a path of its own.
      this.reply(bytes, (reply, done) => (sender === '' ? done() : unix.sendTo(reply, 0, reply.length, sender, done)));
    });
    this.unix = unix;
  }

  private reply(bytes: Buffer, send: (reply: Buffer, done: () => void) => void): void {
    const answering = this.answer(bytes.toString('utf8'))
      .then((text) => (text === '' ? undefined : new Promise<void>((done) => send(Buffer.from(text), () => done()))))
      .catch((error: Error) => this.log.warn(`mi: ${error.message}`))
      .finally(() => this.answering.delete(answering));
    this.answering.add(answering);
  }

  private async answer(text: string): Promise<string> {
    const now = this.clock.now();
    if (text.startsWith(':')) {
      const [head, ...lines] = text.slice(1).split('\n');
      return answerText(
        this.node,
        head.split(':')[0].trim(),
        lines.filter((line) => line !== ''),
        now,
      );
    }
    const reply = await answerJsonRpc(this.node, text, now);
    if (reply.kind === 'unreadable') return '400 Parse_error';
    return reply.kind === 'answer' ? reply.text : '';
  }
}
