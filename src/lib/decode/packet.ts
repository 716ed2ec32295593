/**
 * What the decoder delivers: a transport payload with what the headers around it tell. The object is reused: copy what you
 * need during the call.
 */
import { FAMILY_IPV4, NO_FRAMES, PROTOCOL_TCP, keepFrame, type AddressTextCache, type Frame } from '../base/index.js';
import { framesSince, type ConnectionFrames } from './connection-frames.js';
import { IPV6_EXTENSION, IPV6_FRAGMENT } from './layer-ids.js';
import { LAYER_OF_IPV6_HEADER } from './next-layer.js';

const NO_BYTES = Buffer.alloc(0);
const NO_FRAME: Frame = Object.freeze({
  linkType: 0,
  bytes: NO_BYTES,
  from: 0,
  to: 0,
  originalLength: 0,
  capturedAt: 0,
  nanoseconds: -1,
  number: 0,
  sourceIndex: 0,
});

const IPV4_WITHIN = 4;
const IPV6_WITHIN = 41;

export class Packet {
  /** Microseconds since 1970 UTC. */
  capturedAt = 0;
  /** The current frame; its record changes with the next one. */
  frame: Frame = NO_FRAME;
  /** The payload: bytes[from..to). */
  bytes: Buffer = NO_BYTES;
  from = 0;
  to = 0;
  /** IP protocol number: 17 UDP, 6 TCP, 132 SCTP. */
  protocol = 0;
  /** 2 IPv4, 10 IPv6, 0 before any IP header. */
  family = 0;
  sourcePort = 0;
  destinationPort = 0;
  /** VLAN id of the outermost tag, -1 where untagged. */
  vlan = -1;
  /** The payload ends before its length on the wire. */
  cut = false;
  /** Flags byte of the TCP header. */
  tcpFlags = 0;

  /** Offsets of the innermost addresses, 4 or 16 bytes each. */
  addresses: Buffer = NO_BYTES;
  sourceAt = 0;
  destinationAt = 0;
  /** Offsets of the outermost addresses; family 0 without a tunnel. */
  outerAddresses: Buffer = NO_BYTES;
  outerSourceAt = 0;
  outerDestinationAt = 0;
  outerFamily = 0;

  /** Frames that formed the payload, if more than the current one; else null. */
  kept: readonly Frame[] | null = null;
  /** The frames of the TCP connection, where frames are kept. */
  connection: ConnectionFrames | null = null;
  /** TCP sequence number of `bytes[from]`. */
  position = 0;
  /** The bytes came in order, with nothing queued after them. */
  isDirect = false;
  /** The frame being decoded, which may be another connection's; null at the end of the input. */
  inHand: Frame | null = null;

  constructor(
    private readonly texts: AddressTextCache,
    readonly keepsFrames: boolean,
  ) {}

  begin(frame: Frame): void {
    this.capturedAt = frame.capturedAt;
    this.frame = frame;
    this.inHand = frame;
    this.isDirect = true;
    this.family = 0;
    this.vlan = -1;
    this.cut = false;
    this.tcpFlags = 0;
    this.outerFamily = 0;
    this.kept = null;
  }

  /** Offset in the current frame of `bytes[from + length]`; in the stream or datagram if other frames carried it. */
  placeAfter(length: number): number {
    const { frame, bytes, from } = this;
    const isInFrame = bytes === frame.bytes && from >= frame.from && this.to <= frame.to;
    return isInFrame ? from + length - frame.from : this.protocol === PROTOCOL_TCP ? this.position + length : from + length;
  }

  sourceAddress(): string {
    return this.text(this.addresses, this.sourceAt, this.family);
  }

  destinationAddress(): string {
    return this.text(this.addresses, this.destinationAt, this.family);
  }

  /** Source of the outermost IP header, '' if there is only one. */
  outerSource(): string {
    return this.text(this.outerAddresses, this.outerSourceAt, this.outerFamily);
  }

  outerDestination(): string {
    return this.text(this.outerAddresses, this.outerDestinationAt, this.outerFamily);
  }

  /** True if an IP header directly follows the outermost one (RFC 2003, RFC 2473), as far as its own bytes tell. */
  inIpTunnel(): boolean {
    if (this.outerFamily === 0) return false;
    // The protocol is 3 bytes before an IPv4 source, the next header 2 bytes before an IPv6 one; extensions may come between.
    if (this.outerFamily === FAMILY_IPV4) return isIp(this.outerAddresses[this.outerSourceAt - 3]);
    const next = this.outerAddresses[this.outerSourceAt - 2];
    return isIp(next) || LAYER_OF_IPV6_HEADER[next] === IPV6_EXTENSION || LAYER_OF_IPV6_HEADER[next] === IPV6_FRAGMENT;
  }

  /** The frames that formed this packet, in order of arrival; empty unless the decoder keeps them. */
  frames(): readonly Frame[] {
    if (!this.keepsFrames) return NO_FRAMES;
    return this.kept ?? [keepFrame(this.frame)];
  }

  /** The frames of the TCP connection from a position on; `NO_FRAMES` unless the decoder keeps them. */
  framesSince(position: number): readonly Frame[] {
    return this.connection === null ? NO_FRAMES : framesSince(this.connection, position, this.inHand);
  }

  private text(bytes: Buffer, at: number, family: number): string {
    if (family === 0) return '';
    return family === FAMILY_IPV4 ? this.texts.ipv4(bytes, at) : this.texts.ipv6(bytes, at);
  }
}

function isIp(protocol: number): boolean {
  return protocol === IPV4_WITHIN || protocol === IPV6_WITHIN;
}
