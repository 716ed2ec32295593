/**
 * A small cache in front of the table of connections: segments of the connections that are busy find theirs by numbers alone,
 * without a key. IPv4 only, and only connections without twins.
 */
import { FAMILY_IPV4, i32 } from '../base/index.js';
import type { Packet } from './packet.js';
import type { TcpConnection } from './tcp-connection.js';
import type { Walk } from './walk.js';

const SLOTS = 1024;

interface Slot {
  connection: TcpConnection | null;
  lower: number;
  higher: number;
  ports: number;
}

export class RecentConnections {
  private readonly slots: Slot[] = Array.from({ length: SLOTS }, () => ({ connection: null, lower: 0, higher: 0, ports: 0 }));

  /** The connection that a segment of this side goes on with; null if it is not in the cache. */
  find(walk: Walk, side: number): TcpConnection | null {
    const { packet } = walk;
    if (packet.family !== FAMILY_IPV4) return null;
    const lower = lowerOf(packet, side);
    const higher = lowerOf(packet, 1 - side);
    const ports = portsOf(packet, side);
    const slot = this.slots[slotOf(lower, higher, ports)];
    const { connection } = slot;
    if (connection === null || slot.lower !== lower || slot.higher !== higher || slot.ports !== ports) return null;
    return connection.twins === null && connection.streams[side]?.scope === walk.scope ? connection : null;
  }

  add(connection: TcpConnection, packet: Packet, side: number): void {
    if (packet.family !== FAMILY_IPV4 || connection.twins !== null) return;
    const lower = lowerOf(packet, side);
    const higher = lowerOf(packet, 1 - side);
    const ports = portsOf(packet, side);
    const slot = this.slots[slotOf(lower, higher, ports)];
    slot.connection = connection;
    slot.lower = lower;
    slot.higher = higher;
    slot.ports = ports;
    connection.slot = slot;
  }
}

/** Takes a connection that is removed out of the cache. */
export function forgetRecent(connection: TcpConnection): void {
  const { slot } = connection;
  if (slot !== null && slot.connection === connection) slot.connection = null;
  connection.slot = null;
}

function lowerOf({ addresses, sourceAt, destinationAt }: Packet, side: number): number {
  return i32(addresses, side === 0 ? sourceAt : destinationAt);
}

function portsOf({ sourcePort, destinationPort }: Packet, side: number): number {
  return side === 0 ? (sourcePort << 16) | destinationPort : (destinationPort << 16) | sourcePort;
}

function slotOf(lower: number, higher: number, ports: number): number {
  return Math.imul(Math.imul(lower, 0x9e3779b1) ^ Math.imul(higher, 0x85ebca6b) ^ ports, 0xc2b2ae35) >>> 22;
}
