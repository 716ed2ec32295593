/**
 * TCP connections, found by their two ends. Bounded by number, bytes and idle time; what is given up is delivered with its
 * gaps first, and counted.
 */
import { FAMILY_IPV4, LinkedTable, i32, type LinkedEntry } from '../base/index.js';
import { ConnectionFrames } from './connection-frames.js';
import { heldFrames } from './held-frames.js';
import type { Packet } from './packet.js';
import { RecentConnections, forgetRecent } from './recent-connections.js';
import type { ReassemblyContext } from './reassembly-context.js';
import { ACK, FIN, RST, SYN } from './tcp.js';
import { TcpConnection } from './tcp-connection.js';
import { TcpStream } from './tcp-stream.js';
import type { Walk } from './walk.js';

/** How many connections in a row are spared because they were seen since they were placed. */
const MAX_SPARED = 16;
/** Connections between the same ends in different VLANs or tunnels. */
const MAX_TWINS = 16;

class Over implements LinkedEntry<Over> {
  older: Over | null = null;
  newer: Over | null = null;

  constructor(
    readonly key: TcpConnection,
    public at: number,
  ) {}
}

export class TcpTable {
  /** By the time at which they were placed; one that was seen since moves on instead of being given up. */
  private readonly connections = new LinkedTable<string, TcpConnection>();
  /** Closed connections, oldest first. They stay for a while, so that late retransmissions are recognised. */
  private readonly over = new LinkedTable<TcpConnection, Over>();
  private streams = 0;
  private readonly recent = new RecentConnections();

  constructor(private readonly context: ReassemblyContext) {}

  get size(): number {
    return this.connections.size;
  }

  /** Takes the walk's segment. */
  segment(walk: Walk): void {
    const { context } = this;
    const { packet } = walk;
    const flags = packet.tcpFlags;
    const length = walk.end - walk.at + walk.missing;
    const side = sideOf(packet);
    const isSyn = (flags & SYN) !== 0;
    // A bare ACK, FIN or RST is no reason to track an unknown connection.
    const connection = this.recent.find(walk, side) ?? this.connection(keyOf(packet, side), side, walk, length > 0 || isSyn);
    if (connection === null) return;
    context.now = packet.capturedAt;
    connection.lastSeenAt = packet.capturedAt;
    connection.frames?.add(heldFrames(packet), side);
    const stream = connection.streams[side] ?? this.open(connection, side, walk);
    if (connection.slot?.connection !== connection) this.recent.add(connection, packet, side);
    const other = connection.streams[1 - side];

    let { sequence } = walk;
    if (isSyn) {
      stream.synchronise(sequence, walk.windowScale);
      sequence = (sequence + 1) | 0;
    }
    if (length > 0) stream.take(walk, sequence);
    if ((flags & RST) !== 0) stream.resetAt((sequence + length) | 0);
    else if ((flags & FIN) !== 0) stream.finishAt((sequence + length) | 0);
    if (other !== null && (flags & ACK) !== 0) {
      other.acknowledge(walk.acknowledgement, walk.window, isSyn ? 0 : stream.scale, packet.capturedAt);
    }
    if (context.holes.size > 0) {
      stream.giveUpDue(context.now);
      other?.giveUpDue(context.now);
      while (context.heldBytes > context.limits.bytes) this.giveUpOldestHole();
    }
    if (stream.isClosed || other?.isClosed === true) this.noteOver(connection);
    else if (this.over.size > 0) this.reopen(connection);
    while (this.streams > context.limits.streams) this.evict();
  }

  /** Gives up holes that are due, connections that are idle, and those that were closed a while ago, at packet time `now`. */
  expire(now: number): void {
    const { limits, holes } = this.context;
    this.context.now = now;
    for (let hole = holes.oldest; hole !== null;) {
      const { newer } = hole;
      hole.key.giveUpDue(now);
      hole = newer;
    }
    this.expireOver(now, Math.min(limits.closedSeconds, limits.idleSeconds) * 1e6);
    this.expireIdle(now, limits.idleSeconds * 1e6);
  }

  /** Delivers everything held, and ends all streams. */
  finish(): void {
    for (let connection = this.connections.oldest; connection !== null; connection = this.connections.oldest) this.remove(connection);
  }

  /** One that was seen since it was closed waits anew. */
  private expireOver(now: number, limit: number): void {
    for (let entry = this.over.oldest; entry !== null && Math.abs(now - entry.at) > limit; entry = this.over.oldest) {
      const connection = entry.key;
      if (Math.abs(now - connection.lastSeenAt) > limit) {
        this.remove(connection);
        continue;
      }
      entry.at = connection.lastSeenAt;
      this.over.renew(entry);
    }
  }

  /** Idle ones are given up in the order in which they were last seen: that depends on nothing but the capture. */
  private expireIdle(now: number, limit: number): void {
    const idle: TcpConnection[] = [];
    const seen: TcpConnection[] = [];
    for (let connection = this.connections.oldest; connection !== null; connection = connection.newer) {
      if (Math.abs(now - connection.placedAt) <= limit) break;
      (Math.abs(now - connection.lastSeenAt) > limit ? idle : seen).push(connection);
    }
    if (seen.length > 0) this.moveOn(seen);
    idle.sort((a, b) => a.lastSeenAt - b.lastSeenAt);
    // Twins may be gone with the first of them.
    for (const connection of idle) if (this.connections.has(connection)) this.remove(connection);
  }

  /** Places connections where they would be had they been placed when they were last seen. */
  private moveOn(seen: TcpConnection[]): void {
    const { connections } = this;
    let behind = connections.newest;
    for (const connection of seen.sort((a, b) => b.lastSeenAt - a.lastSeenAt)) {
      while (behind !== null && (behind === connection || behind.placedAt > connection.lastSeenAt)) behind = behind.older;
      connection.placedAt = connection.lastSeenAt;
      connections.moveBehind(connection, behind);
    }
  }

  /** The connection that the segment belongs to; null if there is none and the segment does not begin one. */
  private connection(key: string, side: number, walk: Walk, mayBegin: boolean): TcpConnection | null {
    const first = this.connections.get(key);
    if (first === undefined) return mayBegin ? this.connect(key, walk) : null;
    if (first.twins === null && first.streams[side]?.scope === walk.scope) return first;
    const all = first.twins === null ? [first] : [first, ...first.twins];
    const found =
      all.find(({ streams }) => streams[side]?.scope === walk.scope) ?? all.find((connection) => couldBelong(connection, side, walk));
    if (found !== undefined || !mayBegin || all.length > MAX_TWINS) return found ?? first;
    const twin = this.connect(`${key}${all.length}`, walk);
    first.twins = [...all.slice(1), twin];
    return twin;
  }

  private connect(key: string, walk: Walk): TcpConnection {
    const { frameAccount } = this.context;
    const frames = frameAccount === null ? null : new ConnectionFrames(frameAccount);
    const connection = new TcpConnection(key, walk.packet.capturedAt, frames);
    this.connections.add(connection);
    return connection;
  }

  private open(connection: TcpConnection, side: number, walk: Walk): TcpStream {
    const stream = new TcpStream(walk.packet, walk.scope, connection.frames, this.context);
    connection.streams[side] = stream;
    this.streams++;
    return stream;
  }

  private giveUpOldestHole(): void {
    this.context.counters.add('stream_limit');
    this.context.holes.oldest!.key.giveUpHole();
  }

  private noteOver(connection: TcpConnection): void {
    if (!connection.isOver) this.reopen(connection);
    else if (this.over.get(connection) === undefined) this.over.add(new Over(connection, connection.lastSeenAt));
  }

  private reopen(connection: TcpConnection): void {
    const entry = this.over.get(connection);
    if (entry !== undefined) this.over.delete(entry);
  }

  /** Evicts one connection: a closed one, else the least recently seen. */
  private evict(): void {
    if (this.over.oldest !== null) {
      this.remove(this.over.oldest.key);
      return;
    }
    for (let spared = 0; ; spared++) {
      const connection = this.connections.oldest!;
      if (connection.lastSeenAt <= connection.placedAt || spared === MAX_SPARED) {
        this.context.counters.add('stream_limit');
        this.remove(connection);
        return;
      }
      connection.placedAt = Math.max(connection.lastSeenAt, this.connections.newest!.placedAt);
      this.connections.renew(connection);
    }
  }

  /** Twins are found through the first of them and are removed with it. */
  private remove(connection: TcpConnection): void {
    this.connections.delete(connection);
    forgetRecent(connection);
    this.reopen(connection);
    for (const stream of connection.streams) {
      if (stream === null) continue;
      this.streams--;
      stream.giveUp();
    }
    connection.frames?.clear();
    connection.streams[0] = null;
    connection.streams[1] = null;
    const { twins } = connection;
    connection.twins = null;
    if (twins !== null) for (const twin of twins) if (this.connections.has(twin)) this.remove(twin);
  }
}

/** True if the segment, from another VLAN or tunnel than the connection so far, does not contradict it. */
function couldBelong(connection: TcpConnection, side: number, walk: Walk): boolean {
  const { packet } = walk;
  const stream = connection.streams[side];
  const isSyn = (packet.tcpFlags & SYN) !== 0;
  const length = walk.end - walk.at + walk.missing;
  if (stream !== null && (length > 0 || isSyn)) return stream.couldContinueAt(walk.sequence, (walk.sequence + length) | 0, isSyn);
  const other = connection.streams[1 - side];
  return other === null || (packet.tcpFlags & ACK) === 0 || other.couldBeAcknowledgedBy(walk.acknowledgement);
}

/** 0 if the packet comes from the lower end, 1 if from the higher. */
function sideOf(packet: Packet): number {
  const { addresses, sourceAt, destinationAt } = packet;
  const size = packet.family === FAMILY_IPV4 ? 4 : 16;
  for (let i = 0; i < size; i += 4) {
    const source = i32(addresses, sourceAt + i);
    const destination = i32(addresses, destinationAt + i);
    if (source !== destination) return source < destination ? 0 : 1;
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
