/** Addresses, ports and VLAN of one direction of a flow, for bytes delivered later than the segment that carried them. */
import { FAMILY_IPV4 } from '../base/index.js';
import type { Packet } from './packet.js';

export class Endpoints {
  /** Source, then destination. */
  readonly addresses: Buffer;
  private readonly outer: Buffer | null;
  private readonly protocol: number;
  private readonly family: number;
  private readonly sourcePort: number;
  private readonly destinationPort: number;
  private readonly vlan: number;
  private readonly outerFamily: number;

  constructor(packet: Packet) {
    this.protocol = packet.protocol;
    this.family = packet.family;
    this.sourcePort = packet.sourcePort;
    this.destinationPort = packet.destinationPort;
    this.vlan = packet.vlan;
    this.outerFamily = packet.outerFamily;
    this.addresses = pair(packet.family, packet.addresses, packet.sourceAt, packet.destinationAt);
    this.outer =
      packet.outerFamily === 0 ? null : pair(packet.outerFamily, packet.outerAddresses, packet.outerSourceAt, packet.outerDestinationAt);
  }

  /** Sets the packet's endpoints; the caller sets payload, time and frames. */
  describe(packet: Packet): void {
    packet.protocol = this.protocol;
    packet.family = this.family;
    packet.addresses = this.addresses;
    packet.sourceAt = 0;
    packet.destinationAt = sizeOf(this.family);
    packet.sourcePort = this.sourcePort;
    packet.destinationPort = this.destinationPort;
    packet.vlan = this.vlan;
    packet.cut = false;
    packet.tcpFlags = 0;
    packet.kept = null;
    packet.outerFamily = this.outerFamily;
    if (this.outer === null) return;
    packet.outerAddresses = this.outer;
    packet.outerSourceAt = 0;
    packet.outerDestinationAt = sizeOf(this.outerFamily);
  }
}

function pair(family: number, bytes: Buffer, sourceAt: number, destinationAt: number): Buffer {
  const size = sizeOf(family);
  // Kept as long as the connection: memory of its own, as ownCopy has.
  const addresses = Buffer.allocUnsafeSlow(2 * size);
  bytes.copy(addresses, 0, sourceAt, sourceAt + size);
  bytes.copy(addresses, size, destinationAt, destinationAt + size);
  return addresses;
}

function sizeOf(family: number): number {
  return family === FAMILY_IPV4 ? 4 : 16;
}
