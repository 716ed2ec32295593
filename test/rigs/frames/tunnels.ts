/** Tunnels in IP and UDP. */
import { words, long } from './bytes.js';
import { ETHER_ERSPAN, ETHER_ERSPAN_3 } from './numbers.js';

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
