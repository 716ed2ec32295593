/**
 * Makes frames for tests, layer around layer: `ethernet(IPV4, ipv4({ protocol: 17 }, udp({}, payload)))`. Lengths and
 * IPv4 header checksums are right unless told otherwise; UDP and TCP checksums are right where `udpPacket` and
 * `tcpPacket` make them, since they need the addresses.
 */
import { parseAddress, parseIpv4, parseIpv6, type Frame } from '../../src/lib/base/index.js';

export const ETHER_IPV4 = 0x0800;
export const ETHER_IPV6 = 0x86dd;
export const ETHER_VLAN = 0x8100;
export const ETHER_SERVICE_VLAN = 0x88a8;
export const ETHER_MPLS = 0x8847;
export const ETHER_PPPOE = 0x8864;
export const ETHER_BRIDGED = 0x6558;
export const ETHER_ERSPAN = 0x88be;
export const ETHER_ERSPAN_3 = 0x22eb;

export const IP_IPV4 = 4;
export const IP_TCP = 6;
export const IP_UDP = 17;
export const IP_IPV6 = 41;
export const IP_FRAGMENT = 44;
export const IP_GRE = 47;
export const IP_SCTP = 132;

export const PPP_IPV4 = 0x0021;
export const PPP_IPV6 = 0x0057;

export const LINK = { null: 0, ethernet: 1, raw: 101, loop: 108, sll: 113, ipv4: 228, ipv6: 229, sll2: 276 } as const;

/** A frame record around bytes, with some bytes of something else in front and behind, as in a read chunk. */
export function frame(bytes: Buffer, members: Partial<Frame> = {}): Frame {
  const from = 5;
  const chunk = Buffer.alloc(bytes.length + from + 3, 0xa5);
  bytes.copy(chunk, from);
  return {
    linkType: LINK.ethernet,
    bytes: chunk,
    from,
    to: from + bytes.length,
    originalLength: bytes.length,
    capturedAt: 1_700_000_000_000_000,
    number: 1,
    sourceIndex: 0,
    ...members,
  };
}

/** The first `length` bytes of a frame, as a snap length leaves them. */
export function snap(whole: Frame, length: number): Frame {
  return { ...whole, to: Math.min(whole.to, whole.from + length) };
}

const MAC_ADDRESSES = Buffer.from('020000000002020000000001', 'hex');

export function ethernet(type: number, payload: Buffer): Buffer {
  return Buffer.concat([MAC_ADDRESSES, words(type), payload]);
}

/** 802.3 with a length and LLC/SNAP. */
export function snapEthernet(type: number, payload: Buffer): Buffer {
  return Buffer.concat([MAC_ADDRESSES, words(payload.length + 8), Buffer.from('aaaa03000000', 'hex'), words(type), payload]);
}

export function vlan(id: number, type: number, payload: Buffer): Buffer {
  return Buffer.concat([words(0x6000 | id, type), payload]);
}

/** Service tag outside, customer tag inside; goes into `ethernet(ETHER_SERVICE_VLAN, ...)`. */
export function qinq(outerId: number, innerId: number, type: number, payload: Buffer): Buffer {
  return vlan(outerId, ETHER_VLAN, vlan(innerId, type, payload));
}

export function mpls(labels: readonly number[], payload: Buffer): Buffer {
  const stack = labels.map((label, i) => long((label << 12) | (i === labels.length - 1 ? 0x100 : 0) | 64));
  return Buffer.concat([...stack, payload]);
}

export function pppoe(pppProtocol: number, payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0x11, 0]), words(7, payload.length + 2, pppProtocol), payload]);
}

export function sll(type: number, payload: Buffer): Buffer {
  return Buffer.concat([words(0, 1, 6), MAC_ADDRESSES.subarray(0, 6), words(0, type), payload]);
}

export function sll2(type: number, payload: Buffer): Buffer {
  return Buffer.concat([words(type, 0), long(3), words(1), Buffer.from([0, 6]), MAC_ADDRESSES.subarray(0, 6), words(0), payload]);
}

/** `family` as the capturing machine writes it. */
export function nullLink(family: number, payload: Buffer, bigEndian = false): Buffer {
  const header = long(family);
  return Buffer.concat([bigEndian ? header : header.swap32(), payload]);
}

export function loopLink(family: number, payload: Buffer): Buffer {
  return Buffer.concat([long(family), payload]);
}

export interface Ipv4Members {
  source?: string;
  destination?: string;
  protocol?: number;
  id?: number;
  /** Fragment offset in bytes. */
  offset?: number;
  more?: boolean;
  dontFragment?: boolean;
  /** Bytes of options, a multiple of 4. */
  options?: Buffer;
  totalLength?: number;
}

export function ipv4(members: Ipv4Members, payload: Buffer): Buffer {
  const options = members.options ?? Buffer.alloc(0);
  const headerBytes = 20 + options.length;
  const flags = (members.more === true ? 0x2000 : 0) | (members.dontFragment === true ? 0x4000 : 0) | ((members.offset ?? 0) >>> 3);
  const header = Buffer.concat([
    Buffer.from([0x40 | (headerBytes >>> 2), 0]),
    words(members.totalLength ?? headerBytes + payload.length, members.id ?? 1, flags),
    Buffer.from([64, members.protocol ?? IP_UDP]),
    words(0),
    parseIpv4(members.source ?? '127.0.0.1')!,
    parseIpv4(members.destination ?? '127.0.0.2')!,
    options,
  ]);
  header.writeUInt16BE(checksum(header), 10);
  return Buffer.concat([header, payload]);
}

export interface Ipv6Members {
  source?: string;
  destination?: string;
  nextHeader?: number;
  payloadLength?: number;
}

export function ipv6(members: Ipv6Members, payload: Buffer): Buffer {
  return Buffer.concat([
    long(0x60000000),
    words(members.payloadLength ?? payload.length),
    Buffer.from([members.nextHeader ?? IP_UDP, 64]),
    parseIpv6(members.source ?? '2001:db8::1')!,
    parseIpv6(members.destination ?? '2001:db8::2')!,
    payload,
  ]);
}

/** Hop-by-hop, routing or destination options of `8 * (units + 1)` bytes, all padding. */
export function ipv6Extension(nextHeader: number, payload: Buffer, units = 0): Buffer {
  const bytes = Buffer.alloc(8 * (units + 1));
  bytes[0] = nextHeader;
  bytes[1] = units;
  bytes[2] = 1;
  bytes[3] = bytes.length - 4;
  return Buffer.concat([bytes, payload]);
}

export function ipv6FragmentHeader(members: { nextHeader: number; offset: number; more: boolean; id: number }, payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from([members.nextHeader, 0]), words(members.offset | (members.more ? 1 : 0)), long(members.id), payload]);
}

/** RFC 4302, with an integrity value of 12 bytes. */
export function authentication(nextHeader: number, payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from([nextHeader, 4, 0, 0]), long(1), long(1), Buffer.alloc(12), payload]);
}

/** An IPv4 packet in fragments of at most `size` payload bytes (a multiple of 8). */
export function ipv4Fragments(members: Ipv4Members, payload: Buffer, size: number): Buffer[] {
  return slices(payload, size).map(([offset, part]) => ipv4({ ...members, offset, more: offset + part.length < payload.length }, part));
}

export function ipv6Fragments(members: Ipv6Members & { id?: number }, payload: Buffer, size: number): Buffer[] {
  const nextHeader = members.nextHeader ?? IP_UDP;
  return slices(payload, size).map(([offset, part]) => {
    const more = offset + part.length < payload.length;
    return ipv6({ ...members, nextHeader: IP_FRAGMENT }, ipv6FragmentHeader({ nextHeader, offset, more, id: members.id ?? 1 }, part));
  });
}

export interface UdpMembers {
  sourcePort?: number;
  destinationPort?: number;
  length?: number;
  checksum?: number;
}

export function udp(members: UdpMembers, payload: Buffer): Buffer {
  return Buffer.concat([
    words(members.sourcePort ?? 5060, members.destinationPort ?? 5080, members.length ?? payload.length + 8, members.checksum ?? 0),
    payload,
  ]);
}

export interface TcpMembers {
  sourcePort?: number;
  destinationPort?: number;
  sequence?: number;
  acknowledgement?: number;
  /** Letters of S, A, F, R, P; default A. */
  flags?: string;
  options?: Buffer;
  checksum?: number;
}

export function tcp(members: TcpMembers, payload: Buffer = Buffer.alloc(0)): Buffer {
  const options = members.options ?? Buffer.alloc(0);
  const bits: Record<string, number> = { F: 1, S: 2, R: 4, P: 8, A: 16 };
  const flags = [...(members.flags ?? 'A')].reduce((sum, letter) => sum | bits[letter], 0);
  return Buffer.concat([
    words(members.sourcePort ?? 5060, members.destinationPort ?? 5080),
    long(members.sequence ?? 0),
    long(members.acknowledgement ?? 0),
    Buffer.from([((20 + options.length) >>> 2) << 4, flags]),
    words(65_535, members.checksum ?? 0, 0),
    options,
    payload,
  ]);
}

export function sctp(members: { sourcePort?: number; destinationPort?: number; tag?: number }, ...chunks: Buffer[]): Buffer {
  return Buffer.concat([words(members.sourcePort ?? 5060, members.destinationPort ?? 5080), long(members.tag ?? 7), long(0), ...chunks]);
}

export function sctpData(members: { transmission: number; first?: boolean; last?: boolean; stream?: number }, payload: Buffer): Buffer {
  const flags = (members.first === false ? 0 : 2) | (members.last === false ? 0 : 1);
  return padded(
    Buffer.concat([
      Buffer.from([0, flags]),
      words(16 + payload.length),
      long(members.transmission),
      words(members.stream ?? 0, 0),
      long(0),
      payload,
    ]),
  );
}

export function sctpInterleavedData(
  members: { transmission: number; message: number; fragment: number; last: boolean },
  payload: Buffer,
): Buffer {
  const flags = (members.fragment === 0 ? 2 : 0) | (members.last ? 1 : 0);
  return padded(
    Buffer.concat([
      Buffer.from([64, flags]),
      words(20 + payload.length),
      long(members.transmission),
      words(0, 0),
      long(members.message),
      long(members.fragment),
      payload,
    ]),
  );
}

export function sctpHeartbeat(): Buffer {
  return Buffer.from([4, 0, 0, 9, 1, 2, 3, 4, 5, 0, 0, 0]);
}

export function gre(members: { protocol: number; checksum?: boolean; key?: number; sequence?: number }, payload: Buffer): Buffer {
  const flags =
    (members.checksum === true ? 0x8000 : 0) | (members.key !== undefined ? 0x2000 : 0) | (members.sequence !== undefined ? 0x1000 : 0);
  const parts = [words(flags, members.protocol)];
  if (members.checksum === true) parts.push(long(0));
  if (members.key !== undefined) parts.push(long(members.key));
  if (members.sequence !== undefined) parts.push(long(members.sequence));
  return Buffer.concat([...parts, payload]);
}

/** RFC 2637: PPP in GRE version 1, with a sequence number. */
export function pptpGre(pppProtocol: number, payload: Buffer): Buffer {
  return Buffer.concat([words(0x3001, 0x880b, payload.length + 4, 1), long(1), words(0xff03, pppProtocol), payload]);
}

/** GRE and ERSPAN around a mirrored Ethernet frame. */
export function erspan1(mirrored: Buffer): Buffer {
  return gre({ protocol: ETHER_ERSPAN }, mirrored);
}

export function erspan2(mirrored: Buffer): Buffer {
  return gre({ protocol: ETHER_ERSPAN, sequence: 9 }, Buffer.concat([words(0x1000 | 100, 5), long(0), mirrored]));
}

export function erspan3(mirrored: Buffer, platformHeader = false): Buffer {
  const header = Buffer.concat([words(0x2000 | 100, 5), long(0), words(0, platformHeader ? 1 : 0), Buffer.alloc(platformHeader ? 8 : 0)]);
  return gre({ protocol: ETHER_ERSPAN_3, sequence: 9 }, Buffer.concat([header, mirrored]));
}

/** In UDP to port 4789. */
export function vxlan(mirrored: Buffer, identifier = 42): Buffer {
  return Buffer.concat([long(0x08000000), long(identifier << 8), mirrored]);
}

/** In UDP to port 6081. */
export function geneve(type: number, payload: Buffer, optionWords = 0): Buffer {
  return Buffer.concat([Buffer.from([optionWords, 0]), words(type), long(42 << 8), Buffer.alloc(4 * optionWords), payload]);
}

/** In UDP to port 2152. */
export function gtp(payload: Buffer, members: { sequence?: number; extension?: boolean } = {}): Buffer {
  const flags = 0x30 | (members.extension === true ? 4 : 0) | (members.sequence !== undefined ? 2 : 0);
  const optional =
    (flags & 7) === 0
      ? Buffer.alloc(0)
      : Buffer.concat([words(members.sequence ?? 0), Buffer.from([0, members.extension === true ? 0x85 : 0])]);
  const extension = members.extension === true ? Buffer.from([1, 0x10, 0x09, 0]) : Buffer.alloc(0);
  const body = Buffer.concat([optional, extension, payload]);
  return Buffer.concat([Buffer.from([flags, 255]), words(body.length), long(1), body]);
}

/** In UDP to port 37008; one tagged field and the end tag. */
export function tzsp(mirrored: Buffer): Buffer {
  return Buffer.concat([Buffer.from([1, 0, 0, 1, 0, 10, 1, 0xc8, 1]), mirrored]);
}

export interface Ends {
  source?: string;
  destination?: string;
  sourcePort?: number;
  destinationPort?: number;
}

/** IP and UDP around a payload, family by the addresses, checksums right: the kernel takes it. */
export function udpPacket(ends: Ends, payload: Buffer): Buffer {
  return ipPacket(ends, IP_UDP, (sum) => udp({ ...ends, checksum: sum }, payload));
}

export function tcpPacket(ends: Ends & TcpMembers, payload?: Buffer): Buffer {
  return ipPacket(ends, IP_TCP, (sum) => tcp({ ...ends, checksum: sum }, payload));
}

/** The EtherType of an IP packet. */
export function etherTypeOf(packet: Buffer): number {
  return packet[0] >>> 4 === 6 ? ETHER_IPV6 : ETHER_IPV4;
}

function ipPacket(ends: Ends, protocol: number, transport: (sum: number) => Buffer): Buffer {
  const source = ends.source ?? '127.0.0.1';
  const destination = ends.destination ?? '127.0.0.2';
  const bare = transport(0);
  const pseudo = Buffer.concat([parseAddress(source)!, parseAddress(destination)!, long(protocol), long(bare.length)]);
  const body = transport(checksum(Buffer.concat([pseudo, bare])));
  return source.includes(':') ? ipv6({ source, destination, nextHeader: protocol }, body) : ipv4({ source, destination, protocol }, body);
}

/** RFC 1071; never 0, which means "none" in UDP. */
function checksum(bytes: Buffer): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) sum += (bytes[i] << 8) | (bytes[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff || 0xffff;
}

function slices(payload: Buffer, size: number): [number, Buffer][] {
  const parts: [number, Buffer][] = [];
  for (let offset = 0; offset < payload.length; offset += size) parts.push([offset, payload.subarray(offset, offset + size)]);
  return parts;
}

function padded(chunk: Buffer): Buffer {
  return Buffer.concat([chunk, Buffer.alloc(-chunk.length & 3)]);
}

function words(...values: number[]): Buffer {
  const bytes = Buffer.alloc(2 * values.length);
  values.forEach((value, i) => bytes.writeUInt16BE(value, 2 * i));
  return bytes;
}

function long(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
}

/** Cisco HDLC, or PPP in HDLC-like framing: what goes behind address and control. */
export function ciscoHdlc(type: number, payload: Buffer): Buffer {
  return Buffer.concat([words(0x0f00, type), payload]);
}

export function ppp(pppProtocol: number, payload: Buffer): Buffer {
  return Buffer.concat([words(0xff03, pppProtocol), payload]);
}

/** RFC 2427, with the NLPID of the payload: CC IPv4, 8E IPv6. */
export function frameRelay(nlpid: number, payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0x18, 0x41, 0x03, nlpid]), payload]);
}

/** Bridged Ethernet in frame relay, or an EtherType in SNAP. */
export function frameRelaySnap(organization: number, type: number, payload: Buffer): Buffer {
  return Buffer.concat(
    [Buffer.from([0x18, 0x41, 0x03, 0x00, 0x80, 0, 0, 0]), words(type), payload].map((part, i) => {
      if (i === 0) part.writeUIntBE(organization, 5, 3);
      return part;
    }),
  );
}

export function enc(family: number, payload: Buffer): Buffer {
  return Buffer.concat([long(family).swap32(), long(1), long(0), payload]);
}

export function pflog(family: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(64);
  header[0] = 61;
  header[1] = family;
  return Buffer.concat([header, payload]);
}

/** Type 2 is Ethernet (with its two bytes of padding), 22 IPv4; `extensions` headers of eight bytes before the payload. */
export function erf(type: number, payload: Buffer, extensions = 0): Buffer {
  const body = Buffer.concat([
    ...Array.from({ length: extensions }, (_, i) => Buffer.from([i < extensions - 1 ? 0x84 : 0x04, 0, 0, 0, 0, 0, 0, 0])),
    Buffer.alloc(type === 2 ? 2 : 0),
    payload,
  ]);
  return Buffer.concat([
    Buffer.alloc(8, 1),
    Buffer.from([type | (extensions > 0 ? 0x80 : 0), 4]),
    words(16 + body.length, 0, payload.length),
    body,
  ]);
}

/** With a prefix attribute of odd length before the payload's. */
export function nflog(family: number, payload: Buffer, bigEndian = false): Buffer {
  const attribute = (type: number, value: Buffer) => {
    const head = words(value.length + 4, type);
    return padded(Buffer.concat([bigEndian ? head : head.swap16(), value]));
  };
  return Buffer.concat([
    Buffer.from([family, 0]),
    words(3),
    attribute(10, Buffer.from('sip\0x')),
    attribute(9, payload).subarray(0, payload.length + 4),
  ]);
}

/** Wireshark's exported PDU of a UDP payload; the dissector's name tells what the payload is. */
export function exportedPdu(name: string, ends: Ends, payload: Buffer): Buffer {
  const tag = (type: number, value: Buffer) => Buffer.concat([words(type, value.length), value]);
  return Buffer.concat([
    tag(12, padded(Buffer.from(name))),
    tag(20, parseIpv4(ends.source ?? '127.0.0.1')!),
    tag(21, parseIpv4(ends.destination ?? '127.0.0.2')!),
    tag(24, long(3)),
    tag(25, long(ends.sourcePort ?? 5060)),
    tag(26, long(ends.destinationPort ?? 5080)),
    words(0, 0),
    payload,
  ]);
}

export interface WirelessMembers {
  qos?: boolean;
  /** Four addresses. */
  bridged?: boolean;
  encrypted?: boolean;
  /** Header padded to a multiple of four. */
  padded?: boolean;
}

/** An 802.11 data frame with LLC and SNAP. */
export function wireless(type: number, payload: Buffer, members: WirelessMembers = {}): Buffer {
  const flags = (members.bridged === true ? 3 : 1) | (members.encrypted === true ? 0x40 : 0);
  const header = Buffer.concat([
    Buffer.from([members.qos === true ? 0x88 : 0x08, flags, 0, 0]),
    MAC_ADDRESSES,
    MAC_ADDRESSES.subarray(0, 6),
    words(0x1000),
    Buffer.alloc(members.bridged === true ? 6 : 0, 2),
    Buffer.alloc(members.qos === true ? 2 : 0),
  ]);
  return Buffer.concat([members.padded === true ? padded(header) : header, Buffer.from('aaaa03000000', 'hex'), words(type), payload]);
}

export function radiotap(payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0, 0, 9, 0, 2, 0, 0, 0, 0]), payload]);
}

/** In `ethernet(0x8926, ...)`. */
export function vnTag(type: number, payload: Buffer): Buffer {
  return Buffer.concat([words(0x8001, 0x0002, type), payload]);
}

/** In `ethernet(0x8909, ...)`. */
export function ciscoMetadata(type: number, payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from([1, 1]), words(1, 7, type), payload]);
}

/** In `ethernet(0x88e5, ...)`: protected, not encrypted, with an integrity value behind. */
export function macsec(type: number, payload: Buffer, channel = false): Buffer {
  return Buffer.concat([
    Buffer.from([channel ? 0x20 : 0, 0]),
    long(1),
    Buffer.alloc(channel ? 8 : 0, 3),
    words(type),
    payload,
    Buffer.alloc(16, 0x5a),
  ]);
}

/** Next protocol: 1 IPv4, 2 IPv6, 3 Ethernet. */
export function nsh(nextProtocol: number, payload: Buffer): Buffer {
  return Buffer.concat([words(0x0fc6), Buffer.from([1, nextProtocol]), long(0x2a01), Buffer.alloc(16), payload]);
}

/** In UDP to port 4790; next protocol as of NSH, 4 for NSH itself. */
export function vxlanGpe(nextProtocol: number, payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0x0c, 0, 0, nextProtocol]), long(42 << 8), payload]);
}

/** Version 2, in UDP to port 1701; the payload is PPP. */
export function l2tp2(payload: Buffer, members: { sequence?: boolean; offset?: number } = {}): Buffer {
  const flags = 0x4002 | (members.sequence === true ? 0x0800 : 0) | (members.offset !== undefined ? 0x0200 : 0);
  const rest = Buffer.concat([
    words(1, 2),
    Buffer.alloc(members.sequence === true ? 4 : 0),
    members.offset === undefined ? Buffer.alloc(0) : Buffer.concat([words(members.offset), Buffer.alloc(members.offset)]),
    payload,
  ]);
  return Buffer.concat([words(flags, rest.length + 4), rest]);
}

/** Version 3 as in IP protocol 115; in UDP behind `l2tp3Udp`. */
export function l2tp3(payload: Buffer, cookieBytes = 0): Buffer {
  return Buffer.concat([long(9), Buffer.alloc(cookieBytes, 0xc0), payload]);
}

export function l2tp3Udp(payload: Buffer, cookieBytes = 0): Buffer {
  return Buffer.concat([words(3, 0), l2tp3(payload, cookieBytes)]);
}

/** NULL cipher: the payload is in the clear, and padding, next header and integrity value follow. */
export function espNull(nextHeader: number, payload: Buffer, integrityBytes = 12, vectorBytes = 0): Buffer {
  const padding = (4 - ((payload.length + 2) & 3)) & 3;
  return Buffer.concat([
    long(0x1001),
    long(1),
    Buffer.alloc(vectorBytes, 0x77),
    payload,
    Buffer.from(Array.from({ length: padding }, (_, i) => i + 1)),
    Buffer.from([padding, nextHeader]),
    Buffer.alloc(integrityBytes, 0xee),
  ]);
}

/** Bytes that `espNull` puts behind its payload. */
export function espTrailerBytes(payload: Buffer, integrityBytes = 12): number {
  return ((4 - ((payload.length + 2) & 3)) & 3) + 2 + integrityBytes;
}
