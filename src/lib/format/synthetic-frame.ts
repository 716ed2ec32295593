/**
 * Frames for messages that have none of their own (HEP): Ethernet, IPv4 or IPv6, and UDP, TCP or SCTP with
 * right checksums, so that every reader opens them. What no datagram can hold goes out as TCP segments.
 */
import {
  FAMILY_IPV6, LINK_ETHERNET, PROTOCOL_SCTP, PROTOCOL_UDP, parseIpv4, parseIpv6, putU16, putU32, type Frame, type Message,
} from '../base/index.js';
import { Crc32c, checksumAdd, checksumFold } from './checksum.js';

const ETHERNET_BYTES = 14;
const VLAN_BYTES = 4;
const IPV4_BYTES = 20;
const IPV6_BYTES = 40;
const UDP_BYTES = 8;
const TCP_BYTES = 20;
const SCTP_BYTES = 28;
const MOST_DATAGRAM = 65_535;
/** Payload of one TCP segment: below 65,535 with every header, in both families. */
const SEGMENT_BYTES = 32_768;
const TCP = 6;
const ACK_PUSH = 0x18;
const MOST_FLOWS = 65_536;

export class FrameSynthesizer {
  /** Next sequence number by flow, so that segments of one connection follow each other. */
  private readonly sequences = new Map<string, number>();
  private readonly crc = new Crc32c();
  private identification = 0;

  /** The message as one frame, or several where it is larger than a datagram. */
  frames(message: Message): Frame[] {
    const isIpv6 = message.family === FAMILY_IPV6 || message.sourceAddress.includes(':');
    const source = addressBytes(message.sourceAddress, isIpv6);
    const destination = addressBytes(message.destinationAddress, isIpv6);
    const { payload, protocol } = message;
    const room = MOST_DATAGRAM - IPV6_BYTES - SCTP_BYTES;
    if (protocol === PROTOCOL_UDP && payload.length <= room) return [this.frame(message, isIpv6, source, destination, PROTOCOL_UDP, udp(message))];
    if (protocol === PROTOCOL_SCTP && payload.length <= room) return [this.frame(message, isIpv6, source, destination, PROTOCOL_SCTP, this.sctp(message))];
    const frames: Frame[] = [];
    for (let at = 0; at < payload.length || at === 0; at += SEGMENT_BYTES) {
      frames.push(this.frame(message, isIpv6, source, destination, TCP, this.tcp(message, payload.subarray(at, at + SEGMENT_BYTES))));
    }
    return frames;
  }

  private frame(message: Message, isIpv6: boolean, source: Buffer, destination: Buffer, protocol: number, transport: Buffer): Frame {
    const tagged = message.vlan >= 0;
    const ipAt = ETHERNET_BYTES + (tagged ? VLAN_BYTES : 0);
    const transportAt = ipAt + (isIpv6 ? IPV6_BYTES : IPV4_BYTES);
    const bytes = Buffer.alloc(transportAt + transport.length);
    putU16(bytes, ipAt - 2, isIpv6 ? 0x86dd : 0x0800);
    if (tagged) {
      putU16(bytes, 12, 0x8100);
      putU16(bytes, 14, message.vlan);
    }
    if (isIpv6) ipv6Header(bytes, ipAt, source, destination, protocol, transport.length);
    else ipv4Header(bytes, ipAt, source, destination, protocol, transport.length, this.identification++ & 0xffff);
    transport.copy(bytes, transportAt);
    if (protocol !== PROTOCOL_SCTP) {
      let sum = checksumAdd(destination, 0, destination.length, checksumAdd(source, 0, source.length));
      sum = checksumAdd(bytes, transportAt, bytes.length, sum + protocol + transport.length);
      const folded = checksumFold(sum);
      // RFC 768: a computed zero is sent as all ones, zero means none.
      putU16(bytes, transportAt + (protocol === PROTOCOL_UDP ? 6 : 16), protocol === PROTOCOL_UDP && folded === 0 ? 0xffff : folded);
    }
    return {
      linkType: LINK_ETHERNET, bytes, from: 0, to: bytes.length, originalLength: bytes.length,
      capturedAt: message.capturedAt, number: message.frameNumber, sourceIndex: 0,
    };
  }

  private tcp(message: Message, payload: Buffer): Buffer {
    const from = `${message.sourceAddress} ${message.sourcePort}`;
    const to = `${message.destinationAddress} ${message.destinationPort}`;
    if (this.sequences.size > MOST_FLOWS) this.sequences.clear();
    const sequence = this.sequences.get(`${from} ${to}`) ?? 1;
    this.sequences.set(`${from} ${to}`, (sequence + payload.length) % 0x1_0000_0000);
    const bytes = Buffer.alloc(TCP_BYTES + payload.length);
    putU16(bytes, 0, message.sourcePort);
    putU16(bytes, 2, message.destinationPort);
    putU32(bytes, 4, sequence);
    putU32(bytes, 8, this.sequences.get(`${to} ${from}`) ?? 1);
    bytes[12] = (TCP_BYTES / 4) << 4;
    bytes[13] = ACK_PUSH;
    putU16(bytes, 14, 0xffff);
    payload.copy(bytes, TCP_BYTES);
    return bytes;
  }

  /** One DATA chunk (RFC 9260 section 3.3.1) that is a whole user message. */
  private sctp(message: Message): Buffer {
    const { payload } = message;
    const padding = (4 - (payload.length % 4)) % 4;
    const bytes = Buffer.alloc(SCTP_BYTES + payload.length + padding);
    putU16(bytes, 0, message.sourcePort);
    putU16(bytes, 2, message.destinationPort);
    bytes[13] = 0x03;
    putU16(bytes, 14, 16 + payload.length);
    payload.copy(bytes, SCTP_BYTES);
    bytes.writeUInt32LE(this.crc.of(bytes), 8);
    return bytes;
  }
}

function udp(message: Message): Buffer {
  const bytes = Buffer.alloc(UDP_BYTES + message.payload.length);
  putU16(bytes, 0, message.sourcePort);
  putU16(bytes, 2, message.destinationPort);
  putU16(bytes, 4, bytes.length);
  message.payload.copy(bytes, UDP_BYTES);
  return bytes;
}

function ipv4Header(bytes: Buffer, at: number, source: Buffer, destination: Buffer, protocol: number, length: number, identification: number): void {
  bytes[at] = 0x45;
  putU16(bytes, at + 2, IPV4_BYTES + length);
  putU16(bytes, at + 4, identification);
  putU16(bytes, at + 6, 0x4000);
  bytes[at + 8] = 64;
  bytes[at + 9] = protocol;
  source.copy(bytes, at + 12);
  destination.copy(bytes, at + 16);
  putU16(bytes, at + 10, checksumFold(checksumAdd(bytes, at, at + IPV4_BYTES)));
}

function ipv6Header(bytes: Buffer, at: number, source: Buffer, destination: Buffer, protocol: number, length: number): void {
  bytes[at] = 0x60;
  putU16(bytes, at + 4, length);
  bytes[at + 6] = protocol;
  bytes[at + 7] = 64;
  source.copy(bytes, at + 8);
  destination.copy(bytes, at + 24);
}

/** Unknown addresses become the unspecified one; an IPv4 address among IPv6 the mapped one. */
function addressBytes(text: string, isIpv6: boolean): Buffer {
  if (!isIpv6) return parseIpv4(text) ?? Buffer.alloc(4);
  return parseIpv6(text.includes(':') || text === '' ? text : `::ffff:${text}`) ?? Buffer.alloc(16);
}
