/** The two directions of a TCP connection, and where it runs: kept so that a stream given up later still knows. */
import { FAMILY_IPV4, PROTOCOL_TCP } from '../base/index.js';
import type { Packet } from './packet.js';
import type { ReassemblyContext } from './reassembly-context.js';
import { TcpStream } from './tcp-stream.js';

export class TcpConnection {
  /** The direction from the lower end, and the one from the higher; null before anything of it was seen. */
  readonly streams: [TcpStream | null, TcpStream | null] = [null, null];
  lastSeenAt: number;
  /** When the table last put it at its end. */
  placedAt: number;

  /** Addresses of the lower and the higher end. */
  private readonly addresses: Buffer;
  private readonly family: number;
  private readonly lowerPort: number;
  private readonly higherPort: number;
  private readonly vlan: number;
  private readonly outer: Buffer | null = null;
  private readonly outerFamily: number;

  constructor(
    readonly key: string,
    packet: Packet,
    side: number,
    private readonly onClosed: (connection: TcpConnection) => void,
    private readonly onReopened: (connection: TcpConnection) => void,
  ) {
    const size = packet.family === FAMILY_IPV4 ? 4 : 16;
    this.lastSeenAt = packet.capturedAt;
    this.placedAt = packet.capturedAt;
    this.family = packet.family;
    this.addresses = Buffer.allocUnsafe(2 * size);
    packet.addresses.copy(this.addresses, side * size, packet.sourceAt, packet.sourceAt + size);
    packet.addresses.copy(this.addresses, (1 - side) * size, packet.destinationAt, packet.destinationAt + size);
    this.lowerPort = side === 0 ? packet.sourcePort : packet.destinationPort;
    this.higherPort = side === 0 ? packet.destinationPort : packet.sourcePort;
    this.vlan = packet.vlan;
    this.outerFamily = packet.outerFamily;
    if (packet.outerFamily !== 0) {
      const outerSize = packet.outerFamily === FAMILY_IPV4 ? 4 : 16;
      this.outer = Buffer.allocUnsafe(2 * outerSize);
      packet.outerAddresses.copy(this.outer, side * outerSize, packet.outerSourceAt, packet.outerSourceAt + outerSize);
      packet.outerAddresses.copy(this.outer, (1 - side) * outerSize, packet.outerDestinationAt, packet.outerDestinationAt + outerSize);
    }
  }

  stream(side: number, context: ReassemblyContext): TcpStream {
    return (this.streams[side] ??= new TcpStream(this, side, context));
  }

  /** Makes the packet speak of one direction of this connection, for bytes that are handed on without a segment of it. */
  describe(packet: Packet, side: number): void {
    const size = this.family === FAMILY_IPV4 ? 4 : 16;
    packet.protocol = PROTOCOL_TCP;
    packet.family = this.family;
    packet.addresses = this.addresses;
    packet.sourceAt = side * size;
    packet.destinationAt = (1 - side) * size;
    packet.sourcePort = side === 0 ? this.lowerPort : this.higherPort;
    packet.destinationPort = side === 0 ? this.higherPort : this.lowerPort;
    packet.vlan = this.vlan;
    packet.cut = false;
    packet.tcpFlags = 0;
    packet.kept = null;
    packet.outerFamily = this.outer === null ? 0 : this.outerFamily;
    if (this.outer !== null) {
      const outerSize = this.outerFamily === FAMILY_IPV4 ? 4 : 16;
      packet.outerAddresses = this.outer;
      packet.outerSourceAt = side * outerSize;
      packet.outerDestinationAt = (1 - side) * outerSize;
    }
  }

  /** A direction was closed: the connection is, once nothing is open. */
  closed(): void {
    for (const stream of this.streams) if (stream !== null && stream.state !== 'closed') return;
    this.onClosed(this);
  }

  reopened(): void {
    this.onReopened(this);
  }
}
