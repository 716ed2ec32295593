/** Parts of the awkward messages: SIP, and the frames and HEP packets that carry it. */
import * as make from './frames.js';
import { chunk, hep3, ip, u16be, u32be, u8 } from './hep-packets.js';
import { SWITCHING, UPGRADE, webSocketFrame } from './conversation.js';

export interface Ends {
  source: string;
  destination: string;
  sourcePort: number;
  destinationPort: number;
}

export const CAPTURED_SECONDS = 1_700_000_000;
export const CAPTURED_MICROS = 250_000;
export const TUNNEL = { source: '203.0.113.1', destination: '203.0.113.2' };

export const PLAIN: Ends = { source: '192.0.2.10', destination: '192.0.2.20', sourcePort: 5060, destinationPort: 5060 };
export const PLAIN6: Ends = { ...PLAIN, source: '2001:db8::10', destination: '2001:db8::20' };
export const UDP = 17;
export const TCP = 6;
export const SCTP = 132;

interface SipParts {
  startLine?: string;
  /** Replaces the defaults; Via, From, To, Call-ID and CSeq are always present. */
  headers?: readonly string[];
  method?: string;
  from?: string;
  body?: string;
  /** `null` leaves the header out. */
  contentLength?: number | null;
}

export function sip(name: string, parts: SipParts = {}): Buffer {
  const { method = 'OPTIONS', body = '', from = '"Ann" <sip:ann@a.example>;tag=at1' } = parts;
  const { startLine = `${method} sip:ben@b.example SIP/2.0`, contentLength = Buffer.byteLength(body) } = parts;
  return Buffer.from(
    [
      startLine,
      'Via: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bKrow',
      `From: ${from}`,
      'To: <sip:ben@b.example>',
      `Call-ID: ${name}`,
      `CSeq: 1 ${method}`,
      'Contact: <sip:ann@192.0.2.10:5062>',
      ...(parts.headers ?? []),
      ...(contentLength === null ? [] : [`Content-Length: ${contentLength}`]),
      '',
      body,
    ].join('\r\n'),
  );
}

export const text = (payload: Buffer) => payload.toString('latin1');
export const ether = (packet: Buffer) => make.ethernet(make.etherTypeOf(packet), packet);
export const datagram = (payload: Buffer, ends = PLAIN) => make.udpPacket(ends, payload);

/** HEP version 3 without capture id and correlation id: the same information as a frame. */
export function hep(payload: Buffer, members: { ends?: Ends; protocol?: number; type?: number } = {}, ...more: Buffer[]): Buffer {
  const { ends = PLAIN, protocol = UDP, type = 1 } = members;
  const isIpv6 = ends.source.includes(':');
  return hep3(
    chunk(0, 1, u8(isIpv6 ? 10 : 2)),
    chunk(0, 2, u8(protocol)),
    chunk(0, isIpv6 ? 5 : 3, isIpv6 ? ipv6Bytes(ends.source) : ip(ends.source)),
    chunk(0, isIpv6 ? 6 : 4, isIpv6 ? ipv6Bytes(ends.destination) : ip(ends.destination)),
    chunk(0, 7, u16be(ends.sourcePort)),
    chunk(0, 8, u16be(ends.destinationPort)),
    chunk(0, 9, u32be(CAPTURED_SECONDS)),
    chunk(0, 10, u32be(CAPTURED_MICROS)),
    chunk(0, 11, u8(type)),
    ...more,
    ...(payload.length === 0 ? [] : [chunk(0, 15, payload)]),
  );
}

export const ipv6Bytes = (text: string) => make.ipv6({ source: text }, Buffer.alloc(0)).subarray(8, 24);
export const correlation = (id: string) => chunk(0, 17, id);

/** Versions 1 and 2; `time` is between the addresses and the payload. */
export function oldHep(version: 1 | 2, time: Buffer, payload: Buffer): Buffer {
  const { source, destination, sourcePort, destinationPort } = PLAIN;
  const addresses = [u16be(sourcePort), u16be(destinationPort), ip(source), ip(destination)];
  return Buffer.concat([Buffer.from([version, version === 1 ? 16 : 28, 2, UDP]), ...addresses, time, payload]);
}

/** The same message in a frame and in HEP. */
export function both(payload: Buffer, frames?: readonly Buffer[], members: Parameters<typeof hep>[1] = {}) {
  return { frames: frames ?? [ether(datagram(payload, members.ends))], hep: hep(payload, members) };
}

export function segments(ends: Ends, first: number, ...parts: Buffer[]): Buffer[] {
  let sequence = first;
  return parts.map((part) => {
    const frame = ether(make.tcpPacket({ ...ends, sequence, flags: 'PA' }, part));
    sequence += part.length;
    return frame;
  });
}

export function inFragments(ends: Ends, id: number, payload: Buffer): Buffer[] {
  const whole = make.udp(ends, payload);
  const isIpv6 = ends.source.includes(':');
  return (
    isIpv6 ? make.ipv6Fragments({ ...ends, id }, whole, 1000) : make.ipv4Fragments({ ...ends, protocol: make.IP_UDP, id }, whole, 1000)
  ).map(ether);
}

export function inThree(payload: Buffer): Buffer[] {
  return [payload.subarray(0, 100), payload.subarray(100, 333), payload.subarray(333)];
}

export function webSocket(payload: Buffer): Buffer[] {
  const ends = { ...PLAIN, sourcePort: 40_001, destinationPort: 8080 };
  const back = { source: ends.destination, destination: ends.source, sourcePort: 8080, destinationPort: 40_001 };
  return [
    ...segments(ends, 1001, Buffer.from(UPGRADE)),
    ...segments(back, 5001, Buffer.from(SWITCHING)),
    ...segments(ends, 1001 + UPGRADE.length, webSocketFrame(payload, true)),
  ];
}
