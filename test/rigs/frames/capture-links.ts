/** Link layers of serial lines, logs, cards and wireless networks. */
import { parseIpv4 } from '../../../src/lib/base/index.js';
import { MAC_ADDRESSES, words, long, padded } from './bytes.js';
import { type Ends } from './packets.js';

/** Cisco HDLC, or PPP in HDLC-like framing: what follows address and control. */
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
  return Buffer.concat([wirelessHeader(members, false), snap(type, payload)]);
}

/** Several frames in one (A-MSDU), each a packet with its EtherType; all but the last are padded. */
export function wirelessAggregate(packets: readonly (readonly [type: number, payload: Buffer])[], members: WirelessMembers = {}): Buffer {
  const subframes = packets.map(([type, payload], i) => {
    const body = snap(type, payload);
    const subframe = Buffer.concat([MAC_ADDRESSES, words(body.length), body]);
    return i < packets.length - 1 ? padded(subframe) : subframe;
  });
  return Buffer.concat([wirelessHeader({ ...members, qos: true }, true), ...subframes]);
}

function snap(type: number, payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from('aaaa03000000', 'hex'), words(type), payload]);
}

function wirelessHeader(members: WirelessMembers, isAggregate: boolean): Buffer {
  const flags = (members.bridged === true ? 3 : 1) | (members.encrypted === true ? 0x40 : 0);
  const header = Buffer.concat([
    Buffer.from([members.qos === true ? 0x88 : 0x08, flags, 0, 0]),
    MAC_ADDRESSES,
    MAC_ADDRESSES.subarray(0, 6),
    words(0x1000),
    Buffer.alloc(members.bridged === true ? 6 : 0, 2),
    Buffer.alloc(members.qos === true ? 2 : 0, isAggregate ? 0x80 : 0),
  ]);
  return members.padded === true ? padded(header) : header;
}

export function radiotap(payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0, 0, 9, 0, 2, 0, 0, 0, 0]), payload]);
}
