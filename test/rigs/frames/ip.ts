/** IPv4 and IPv6: headers, extensions, fragments, and ESP with NULL cipher. */
import { parseIpv4, parseIpv6 } from '../../../src/lib/base/index.js';
import { words, long, checksum, slices } from './bytes.js';
import { IP_UDP, IP_FRAGMENT } from './numbers.js';

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

/** Bytes that `espNull` appends to its payload. */
export function espTrailerBytes(payload: Buffer, integrityBytes = 12): number {
  return ((4 - ((payload.length + 2) & 3)) & 3) + 2 + integrityBytes;
}
