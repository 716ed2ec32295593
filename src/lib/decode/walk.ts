/**
 * The state of decoding one frame. One object is reused for all frames: layers read `bytes` from `at` to `end`, move these,
 * and return the number of the next layer. Nothing is allocated on the way.
 */
import type { FaultCode } from '../base/index.js';
import { STOP } from './layer-ids.js';
import type { Packet } from './packet.js';

/** How many tunnels around the innermost IP header are followed. */
export const MAX_TUNNELS = 8;

const NO_BYTES = Buffer.alloc(0);

export class Walk {
  bytes: Buffer = NO_BYTES;
  /** First byte of the next layer. */
  at = 0;
  /** One past its last captured byte. */
  end = 0;
  /** Bytes on the wire beyond `end`, according to the headers. */
  missing = 0;
  /** IP headers so far. */
  ipHeaders = 0;

  /** The layer after the IP header of a fragmented packet; the first fragment decides. */
  fragmentNext = STOP;
  fragmentOffset = 0;
  fragmentMore = false;
  /** Identification, 16 bits in IPv4 and 32 in IPv6. */
  fragmentId = 0;
  fragmentProtocol = 0;

  sequence = 0;
  acknowledgement = 0;
  /** Window as in the header, unscaled; only the SYN carries the scale. */
  window = 0;
  windowScale = 0;

  /** VLAN ids and tunnel identifiers so far, as one number: distinguishes equal addresses of different networks. */
  scope = 0;

  /** Where the next subframe of an aggregate begins, after which the walk starts anew; 0 where none follows. */
  restAt = 0;

  /** What stopped the walk, or ''. */
  fault: FaultCode | '' = '';
  faultPart = '';
  faultAt = 0;
  faultNeeded = 0;
  faultLeft = 0;

  constructor(readonly packet: Packet) {}

  begin(bytes: Buffer, from: number, to: number, originalLength: number): void {
    this.bytes = bytes;
    this.at = from;
    this.end = to;
    this.missing = originalLength > to - from ? originalLength - (to - from) : 0;
    this.ipHeaders = 0;
    this.scope = 0;
    this.restAt = 0;
    this.fault = '';
  }

  /** Enters a VLAN or tunnel with this identifier. */
  enterScope(identifier: number): void {
    this.scope = (Math.imul(this.scope ^ identifier, 0x9e3779b1) + 1) | 0;
  }

  /** Stops the walk with a fault in the current layer. */
  fail(fault: FaultCode, part: string, needed = 0, left = 0): number {
    this.fault = fault;
    this.faultPart = part;
    this.faultAt = this.at;
    this.faultNeeded = needed;
    this.faultLeft = left;
    return STOP;
  }

  /** Stops the walk because the fixed part of a layer is incomplete. */
  short(part: string, needed: number): number {
    return this.fail('too_short', part, needed, this.end - this.at);
  }

  /** Returns `nextLayer`, or stops the walk at a protocol that is not decoded. */
  orUnknown(nextLayer: number, part: string): number {
    return nextLayer !== STOP ? nextLayer : this.fail('unknown_protocol', part);
  }

  /** The packet has `length` bytes from `at` according to its IP header; those not captured were cut off. */
  limit(length: number): void {
    const wireEnd = this.at + length;
    this.missing = wireEnd > this.end ? wireEnd - this.end : 0;
    if (wireEnd < this.end) this.end = wireEnd;
  }

  /** The same by a header inside an IP packet; it may be wrong about a complete packet, then nothing is missing. */
  narrow(length: number): void {
    const wireEnd = this.at + length;
    const short = wireEnd > this.end ? wireEnd - this.end : 0;
    if (short < this.missing) this.missing = short;
    if (wireEnd < this.end) this.end = wireEnd;
  }
}
