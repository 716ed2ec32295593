/**
 * Numbered messages to a node over HEP by TCP and UDP, each different and made of its number alone, and what is known of
 * them: a message is certain (it must be stored exactly once) unless its receiver was killed before it can have been safe.
 */
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { hep3, sipMessages } from '../../../bench/corpus.mjs';

const TICK_MS = 20;
const UDP_SHARE = 0.2;
const templates = (sipMessages(700) as Buffer[]).map((message) => message.toString('latin1'));

/** `t` is what is sent as HEP, `f` what stands in capture files. */
export function numberedMessage(kind: 't' | 'f', number: number): Buffer {
  const text = templates[number % templates.length];
  const at = text.indexOf('\r\n') + 2;
  return Buffer.from(`${text.slice(0, at)}X-Chaos: ${kind}${number}\r\n${text.slice(at)}`, 'latin1');
}

/** The number of a stored message; -1 where it is none of ours or was altered. */
export function numberOf(kind: 't' | 'f', message: Buffer): number {
  const found = /\r\nX-Chaos: ([tf])(\d+)\r\n/.exec(message.toString('latin1'));
  if (found === null || found[1] !== kind) return -1;
  const number = Number(found[2]);
  return numberedMessage(kind, number).equals(message) ? number : -1;
}

/** Whether it is the first part of one of them. */
export function isBeginning(kind: 't' | 'f', message: Buffer): boolean {
  const found = /\r\nX-Chaos: ([tf])(\d+)\r\n/.exec(message.toString('latin1'));
  return found !== null && numberedMessage(kind, Number(found[2])).subarray(0, message.length).equals(message);
}

export interface Ports {
  tcp: number;
  udp: number;
}

export class Traffic {
  /** Messages with numbers below this were sent. */
  sent = 0;
  udp = 0;
  /** Sent since the node was started. */
  sinceStart = 0;
  /** What may be missing at the node's outputs, and what may be missing at the far node only. */
  readonly uncertain = new Set<number>();
  readonly uncertainFar = new Set<number>();
  /** What may be missing in the SQLite file, because an older copy took its place. */
  readonly uncertainSqlite = new Set<number>();
  private readonly udpNumbers = new Set<number>();
  private nodeSafeTo = 0;
  private farSafeTo = 0;
  private stream: Socket | null = null;
  private readonly datagrams: UdpSocket = createSocket('udp4');
  private readonly timer: NodeJS.Timeout;
  private flowing = false;

  constructor(
    private readonly ports: Ports,
    private readonly rate: number,
    private readonly random: () => number,
  ) {
    this.timer = setInterval(() => this.tick(), TICK_MS);
  }

  /** A node that has just started. */
  async begin(): Promise<void> {
    this.sinceStart = 0;
    const stream = connect(this.ports.tcp, '127.0.0.1');
    stream.on('error', () => {});
    await once(stream, 'connect');
    this.stream = stream;
    this.flowing = true;
  }

  pause(): void {
    this.flowing = false;
  }

  resume(): void {
    this.flowing = this.stream !== null;
  }

  /** Ends the connection in order. */
  async end(): Promise<void> {
    this.flowing = false;
    const { stream } = this;
    this.stream = null;
    if (stream === null || stream.destroyed) return;
    const closed = once(stream, 'close');
    stream.end();
    stream.resume();
    await closed;
  }

  /** Everything sent so far is in the node's databases, in its spools or at the far node. */
  nodeIsSafe(dropped: number): void {
    // Which datagrams the kernel dropped nobody knows.
    if (dropped > 0) for (let number = this.nodeSafeTo; number < this.sent; number++) if (this.udpNumbers.has(number)) this.doubt(number);
    this.nodeSafeTo = this.sent;
  }

  farIsSafe(): void {
    this.farSafeTo = this.sent;
  }

  /** What was not safe yet may be gone. */
  nodeWasKilled(): void {
    this.end().catch(() => {});
    for (let number = this.nodeSafeTo; number < this.sent; number++) this.doubt(number);
    this.nodeSafeTo = this.sent;
  }

  farWasKilled(): void {
    for (let number = this.farSafeTo; number < this.sent; number++) this.uncertainFar.add(number);
    this.farSafeTo = this.sent;
  }

  close(): void {
    clearInterval(this.timer);
    this.stream?.destroy();
    this.datagrams.close();
  }

  private doubt(number: number): void {
    this.uncertain.add(number);
    this.uncertainFar.add(number);
  }

  private tick(): void {
    const { stream } = this;
    if (!this.flowing || stream === null || stream.destroyed || stream.writableNeedDrain) return;
    const count = Math.round((this.rate * TICK_MS) / 1000 + this.random() - 0.5);
    const packets: Buffer[] = [];
    for (let i = 0; i < count; i++) {
      const number = this.sent++;
      this.sinceStart++;
      const packet = hep3(numberedMessage('t', number), number) as Buffer;
      if (this.random() >= UDP_SHARE) packets.push(packet);
      else {
        this.udp++;
        this.udpNumbers.add(number);
        this.datagrams.send(packet, this.ports.udp, '127.0.0.1');
      }
    }
    if (packets.length > 0) stream.write(Buffer.concat(packets));
  }
}
