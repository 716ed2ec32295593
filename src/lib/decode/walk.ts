/**
 * Where the reading of a frame stands. One object is used for all frames: layers read `bytes` from
 * `at` to `end`, move these, and answer the number of their successor. Nothing is allocated on the way.
 */
import type { FaultCode } from '../base/index.js';
import { STOP } from './layer-ids.js';
import type { Packet } from './packet.js';

/** Tunnels around the innermost IP header that are still followed. */
export const MAX_TUNNELS = 8;

const NO_BYTES = Buffer.alloc(0);

export class Walk {
  bytes: Buffer = NO_BYTES;
  /** First byte of the layer to read next. */
  at = 0;
  /** One past the last byte that is there of it. */
  end = 0;
  /** Bytes that the layer has on the wire beyond `end`, as far as its headers tell. */
  missing = 0;
  /** IP headers met so far. */
  ipHeaders = 0;

  /** Number of the layer that a fragment's datagram goes on with; the first fragment decides. */
  fragmentNext = STOP;
  fragmentOffset = 0;
  fragmentMore = false;
  /** Identification, 16 bits in IPv4 and 32 in IPv6. */
  fragmentId = 0;
  fragmentProtocol = 0;

  sequence = 0;
  acknowledgement = 0;
  /** Window as the header has it; the scale of it is in the SYN alone. */
  window = 0;
  windowScale = 0;

  /** VLAN ids and tunnel identifiers met so far, as one number: tells equal addresses of different networks apart. */
  scope = 0;

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
    this.fault = '';
  }

  /** A VLAN or tunnel with this identifier goes around what follows. */
  enterScope(identifier: number): void {
    this.scope = (Math.imul(this.scope ^ identifier, 0x9e3779b1) + 1) | 0;
  }

  /** Ends the walk with a fault at the current layer. */
  fail(fault: FaultCode, part: string, needed = 0, left = 0): number {
    this.fault = fault;
    this.faultPart = part;
    this.faultAt = this.at;
    this.faultNeeded = needed;
    this.faultLeft = left;
    return STOP;
  }

  /** Ends the walk because the fixed part of a layer is not there. */
  short(part: string, needed: number): number {
    return this.fail('too_short', part, needed, this.end - this.at);
  }

  /** Ends the walk at a protocol that is not decoded; `successor` where it is. */
  orUnknown(nextLayer: number, part: string): number {
    return nextLayer !== STOP ? nextLayer : this.fail('unknown_protocol', part);
  }

  /** An IP header says that its packet has `length` bytes from `at`; what is not there of them was cut off. */
  limit(length: number): void {
    const wireEnd = this.at + length;
    this.missing = wireEnd > this.end ? wireEnd - this.end : 0;
    if (wireEnd < this.end) this.end = wireEnd;
  }

  /** A header within an IP packet says so. It can be wrong about a packet that is whole: then nothing is missing. */
  narrow(length: number): void {
    const wireEnd = this.at + length;
    const short = wireEnd > this.end ? wireEnd - this.end : 0;
    if (short < this.missing) this.missing = short;
    if (wireEnd < this.end) this.end = wireEnd;
  }
}
