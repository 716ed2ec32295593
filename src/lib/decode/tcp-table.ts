/**
 * The TCP connections in sight, found by their two ends. Bounded by number, bytes and silence; what is given up
 * is handed on with its gaps first, and counted.
 */
import { FAMILY_IPV4, i32 } from '../base/index.js';
import type { Packet } from './packet.js';
import type { ReassemblyContext } from './reassembly-context.js';
import { ACK, FIN, RST, SYN } from './tcp.js';
import { TcpConnection } from './tcp-connection.js';
import type { TcpStream } from './tcp-stream.js';
import type { Walk } from './walk.js';

/** Connections that are spared in a row because they were seen since they were put in line. */
const MAX_SPARED = 16;

export class TcpTable {
  /** In the order in which they were put in line; one that was seen since goes to the end before it is given up. */
  private readonly connections = new Map<string, TcpConnection>();
  /** Connections that are over, the oldest first. They stay a while, so that a late repetition is known as one. */
  private readonly over = new Set<TcpConnection>();
  private streams = 0;

  constructor(private readonly context: ReassemblyContext) {}

  get size(): number {
    return this.connections.size;
  }

  /** Takes the segment that the walk stands on. */
  segment(walk: Walk): void {
    const { context } = this;
    const { packet } = context;
    const flags = packet.tcpFlags;
    const length = walk.end - walk.at + walk.missing;
    const side = sideOf(packet);
    const key = keyOf(packet, side);
    let connection = this.connections.get(key);
    if (connection === undefined) {
      // An acknowledgement, an end or a reset alone says nothing of a connection that we know nothing of.
      if (length === 0 && (flags & SYN) === 0) return;
      connection = this.connect(key, packet, side);
    }
    connection.lastSeenAt = packet.capturedAt;
    if (connection.streams[side] === null) this.streams++;
    const stream = connection.stream(side, context);

    let { sequence } = walk;
    if ((flags & SYN) !== 0) {
      // Ports used again: a first SYN of another connection ends both directions of the old one.
      const other = connection.streams[1 - side];
      if ((flags & ACK) === 0 && other !== null && stream.contradicts(sequence)) this.giveUp(other);
      if (stream.contradicts(sequence)) this.giveUp(stream);
      this.describeAgain(walk, connection, side);
      stream.synchronise(sequence);
      sequence = (sequence + 1) | 0;
    }
    if (length > 0) stream.take(walk, sequence);
    if ((flags & (FIN | RST)) !== 0) stream.finishAt((sequence + length) | 0);
    if ((flags & ACK) !== 0) connection.streams[1 - side]?.acknowledge(walk.acknowledgement, packet.capturedAt);
    if (context.waiting.size > 0) {
      this.losePatience(stream, packet.capturedAt);
      const other = connection.streams[1 - side];
      if (other !== null) this.losePatience(other, packet.capturedAt);
      while (context.heldBytes > context.limits.bytes) this.loseOldest();
    }
    while (this.streams > context.limits.streams) this.evict();
  }

  /** Gives up holes that were waited for long enough, and connections silent for long, at packet time `now`. */
  expire(now: number): void {
    const { limits, waiting } = this.context;
    for (const stream of waiting) this.losePatience(stream, now);
    for (const [key, connection] of this.connections) {
      if (Math.abs(now - connection.lastSeenAt) > limits.idleSeconds * 1e6) {
        this.remove(connection);
      } else if (connection.lastSeenAt !== connection.placedAt) {
        this.connections.delete(key);
        connection.placedAt = connection.lastSeenAt;
        this.connections.set(key, connection);
      } else {
        return;
      }
    }
  }

  /** Hands on everything that is held, and ends all streams. */
  finish(): void {
    for (const connection of this.connections.values()) this.remove(connection);
  }

  private connect(key: string, packet: Packet, side: number): TcpConnection {
    const connection = new TcpConnection(
      key,
      packet,
      side,
      (closed) => this.over.add(closed),
      (opened) => this.over.delete(opened),
    );
    this.connections.set(key, connection);
    return connection;
  }

  private losePatience(stream: TcpStream, now: number): void {
    if (!stream.hasHole) return;
    stream.connection.describe(this.context.packet, stream.side);
    stream.loseAfterPatience(now);
  }

  private loseOldest(): void {
    const stream: TcpStream = this.context.waiting.values().next().value!;
    stream.connection.describe(this.context.packet, stream.side);
    this.context.counters.add('stream_limit');
    stream.loseHole();
  }

  private giveUp(stream: TcpStream): void {
    if (stream.state === 'closed') return;
    stream.connection.describe(this.context.packet, stream.side);
    stream.giveUp();
  }

  /** After another stream was handed on, the packet speaks of the segment in hand again. */
  private describeAgain(walk: Walk, connection: TcpConnection, side: number): void {
    const { packet } = this.context;
    const { tcpFlags, kept } = packet;
    connection.describe(packet, side);
    packet.tcpFlags = tcpFlags;
    packet.kept = kept;
    packet.bytes = walk.bytes;
  }

  /** Makes room for one: a connection that is over, else the one that was not seen for longest. */
  private evict(): void {
    const over: TcpConnection | undefined = this.over.values().next().value;
    if (over !== undefined) {
      this.remove(over);
      return;
    }
    for (let spared = 0; ; spared++) {
      const [key, connection] = this.connections.entries().next().value!;
      if (connection.lastSeenAt === connection.placedAt || spared === MAX_SPARED) {
        this.context.counters.add('stream_limit');
        this.remove(connection);
        return;
      }
      this.connections.delete(key);
      connection.placedAt = connection.lastSeenAt;
      this.connections.set(key, connection);
    }
  }

  private remove(connection: TcpConnection): void {
    this.connections.delete(connection.key);
    for (const stream of connection.streams) {
      if (stream === null) continue;
      this.streams--;
      this.giveUp(stream);
    }
    this.over.delete(connection);
  }
}

/** 0 where the packet comes from the lower end, 1 where from the higher. */
function sideOf(packet: Packet): number {
  const { addresses, sourceAt, destinationAt } = packet;
  const size = packet.family === FAMILY_IPV4 ? 4 : 16;
  for (let i = 0; i < size; i++) {
    const difference = addresses[sourceAt + i] - addresses[destinationAt + i];
    if (difference !== 0) return difference < 0 ? 0 : 1;
  }
  return packet.sourcePort <= packet.destinationPort ? 0 : 1;
}

/** Both ends as text, the lower one first: the same for both directions. */
function keyOf(packet: Packet, side: number): string {
  const { addresses } = packet;
  const lowerAt = side === 0 ? packet.sourceAt : packet.destinationAt;
  const higherAt = side === 0 ? packet.destinationAt : packet.sourceAt;
  const lowerPort = side === 0 ? packet.sourcePort : packet.destinationPort;
  const higherPort = side === 0 ? packet.destinationPort : packet.sourcePort;
  if (packet.family === FAMILY_IPV4) {
    const lower = i32(addresses, lowerAt);
    const higher = i32(addresses, higherAt);
    return String.fromCharCode(lower >>> 16, lower & 0xffff, higher >>> 16, higher & 0xffff, lowerPort, higherPort);
  }
  return (
    addresses.latin1Slice(lowerAt, lowerAt + 16) +
    addresses.latin1Slice(higherAt, higherAt + 16) +
    String.fromCharCode(lowerPort, higherPort)
  );
}
