/**
 * Frames for messages that have none of their own (HEP): Ethernet, IPv4 or IPv6, and UDP, TCP or SCTP with
 * correct checksums, so that every reader opens them. Messages too large for a datagram become TCP segments.
 */
import {
  FAMILY_IPV6,
  LINK_ETHERNET,
  PROTOCOL_SCTP,
  PROTOCOL_TCP,
  PROTOCOL_TLS,
  PROTOCOL_UDP,
  PROTOCOL_WS,
  parseIpv4,
  parseIpv6,
  putU16,
  type Frame,
  type Message,
} from '../base/index.js';
import { checksumAdd, checksumFold } from './checksum.js';
import { SCTP_HEADER_BYTES, SyntheticTransport, udpDatagram } from './synthetic-transport.js';

const ETHERNET_BYTES = 14;
const VLAN_BYTES = 4;
const ETHER_IPV4 = 0x0800;
const ETHER_IPV6 = 0x86dd;
const ETHER_VLAN = 0x8100;
const IPV4_BYTES = 20;
const IPV6_BYTES = 40;
const DONT_FRAGMENT = 0x4000;
const HOP_LIMIT = 64;
const UDP_CHECKSUM_AT = 6;
const TCP_CHECKSUM_AT = 16;
/** Payload that fits one packet of 65,535 bytes with the largest headers of both families. */
const MAX_DATAGRAM_PAYLOAD = 65_535 - IPV6_BYTES - SCTP_HEADER_BYTES;
const SEGMENT_BYTES = 32_768;
const NAMES: Readonly<Record<string, string>> = { TLS: 'TLS', WS: 'WebSocket', WSS: 'WebSocket and TLS' };
const CR = 13;
const LF = 10;

interface Ends {
  isIpv6: boolean;
  source: Buffer;
  destination: Buffer;
}

export class FrameSynthesizer {
  private readonly transport = new SyntheticTransport();
  private identification = 0;

  /** The message as one frame, or several if it is larger than a datagram; the first of a TCP flow has a SYN before it. */
  frames(message: Message): Frame[] {
    const isIpv6 = message.family === FAMILY_IPV6 || message.sourceAddress.includes(':');
    const ends = {
      isIpv6,
      source: addressBytes(message.sourceAddress, isIpv6),
      destination: addressBytes(message.destinationAddress, isIpv6),
    };
    const { payload, protocol } = message;
    if (payload.length <= MAX_DATAGRAM_PAYLOAD) {
      if (protocol === PROTOCOL_UDP) return [this.frame(message, ends, PROTOCOL_UDP, udpDatagram(message))];
      if (protocol === PROTOCOL_SCTP) return [this.frame(message, ends, PROTOCOL_SCTP, this.transport.sctpPacket(message))];
    }
    const frames: Frame[] = [];
    const missing = missingBytes(message);
    const opening = this.transport.tcpOpening(message);
    if (opening !== null) frames.push(this.frame(message, ends, PROTOCOL_TCP, opening));
    for (let at = 0; at < payload.length || at === 0; at += SEGMENT_BYTES) {
      const cut = at + SEGMENT_BYTES < payload.length ? 0 : missing;
      const segment = this.transport.tcpSegment(message, payload.subarray(at, at + SEGMENT_BYTES), cut);
      frames.push(this.frame(message, ends, PROTOCOL_TCP, segment, Math.min(cut, MAX_DATAGRAM_PAYLOAD - SEGMENT_BYTES)));
    }
    return frames;
  }

  /** `missing`: bytes of the segment beyond those that are there, as if a snap length had cut them off. */
  private frame(message: Message, ends: Ends, protocol: number, transport: Buffer, missing = 0): Frame {
    const tagged = message.vlan >= 0;
    const ipAt = ETHERNET_BYTES + (tagged ? VLAN_BYTES : 0);
    const transportAt = ipAt + (ends.isIpv6 ? IPV6_BYTES : IPV4_BYTES);
    const bytes = Buffer.alloc(transportAt + transport.length);
    putU16(bytes, ipAt - 2, ends.isIpv6 ? ETHER_IPV6 : ETHER_IPV4);
    if (tagged) {
      putU16(bytes, 12, ETHER_VLAN);
      putU16(bytes, 14, message.vlan);
    }
    if (ends.isIpv6) ipv6Header(bytes, ipAt, ends, protocol, transport.length + missing);
    else ipv4Header(bytes, ipAt, ends, protocol, transport.length + missing, this.identification++);
    if (protocol !== PROTOCOL_SCTP) putChecksum(transport, ends, protocol);
    transport.copy(bytes, transportAt);
    return {
      linkType: LINK_ETHERNET,
      bytes,
      from: 0,
      to: bytes.length,
      originalLength: bytes.length + missing,
      capturedAt: message.capturedAt,
      number: message.frameNumber,
      sourceIndex: 0,
      comment: commentOf(message),
    };
  }
}

/** TLS and WebSocket, which cannot be reconstructed: their messages become plain TCP, noted in a comment in the file. */
function commentOf({ protocol, sip }: Message): string | undefined {
  if (protocol === PROTOCOL_UDP || protocol === PROTOCOL_SCTP) return undefined;
  const named = /^\s*SIP\s*\/\s*2\.0\s*\/\s*(TLS|WSS?)\b/i.exec(sip?.via ?? '')?.[1].toUpperCase();
  const transport = named ?? (protocol === PROTOCOL_TLS ? 'TLS' : protocol === PROTOCOL_WS ? 'WS' : '');
  return transport === '' ? undefined : `sent over ${NAMES[transport]}, written as plain TCP`;
}

/** The bytes missing from a message over TCP by its Content-Length: in a stream the next message would be taken for them. */
function missingBytes({ sip, payload }: Message): number {
  if (sip === null) return 0;
  // An incomplete head is always missing bytes, whatever the length.
  if (sip.bodyAt === payload.length && !endsHead(payload)) return 1;
  return sip.contentLength < 0 ? 0 : Math.max(0, sip.bodyAt + sip.contentLength - payload.length);
}

function endsHead(payload: Buffer): boolean {
  const end = payload.length;
  if (payload[end - 1] !== LF) return false;
  return payload[end - 2] === LF || (payload[end - 2] === CR && payload[end - 3] === LF);
}

/** RFC 791 section 3.1. */
function ipv4Header(bytes: Buffer, at: number, ends: Ends, protocol: number, length: number, identification: number): void {
  bytes[at] = 0x45;
  putU16(bytes, at + 2, IPV4_BYTES + length);
  putU16(bytes, at + 4, identification);
  putU16(bytes, at + 6, DONT_FRAGMENT);
  bytes[at + 8] = HOP_LIMIT;
  bytes[at + 9] = protocol;
  ends.source.copy(bytes, at + 12);
  ends.destination.copy(bytes, at + 16);
  putU16(bytes, at + 10, checksumFold(checksumAdd(bytes, at, at + IPV4_BYTES)));
}

/** RFC 8200 section 3. */
function ipv6Header(bytes: Buffer, at: number, ends: Ends, protocol: number, length: number): void {
  bytes[at] = 0x60;
  putU16(bytes, at + 4, length);
  bytes[at + 6] = protocol;
  bytes[at + 7] = HOP_LIMIT;
  ends.source.copy(bytes, at + 8);
  ends.destination.copy(bytes, at + 24);
}

/** Over the pseudo header (RFC 9293 section 3.1, RFC 8200 section 8.1) and the segment. */
function putChecksum(transport: Buffer, ends: Ends, protocol: number): void {
  const { source, destination } = ends;
  const addresses = checksumAdd(destination, 0, destination.length, checksumAdd(source, 0, source.length));
  const folded = checksumFold(checksumAdd(transport, 0, transport.length, addresses + protocol + transport.length));
  // RFC 768: a computed zero is sent as all ones, zero means none.
  if (protocol === PROTOCOL_UDP) putU16(transport, UDP_CHECKSUM_AT, folded === 0 ? 0xffff : folded);
  else putU16(transport, TCP_CHECKSUM_AT, folded);
}

/** Unknown addresses become the unspecified one; an IPv4 address beside IPv6 the mapped one. */
function addressBytes(text: string, isIpv6: boolean): Buffer {
  if (!isIpv6) return parseIpv4(text) ?? Buffer.alloc(4);
  return parseIpv6(text.includes(':') || text === '' ? text : `::ffff:${text}`) ?? Buffer.alloc(16);
}
