/** Frame records, Ethernet, tags, and the link layers of Linux and BSD. */
import { type Frame } from '../../../src/lib/base/index.js';
import { MAC_ADDRESSES, words, long } from './bytes.js';
import { LINK, ETHER_VLAN } from './numbers.js';

/** A frame record around bytes, surrounded by other bytes, as in a read chunk. */
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

/** In `ethernet(0x8926, ...)`. */
export function vnTag(type: number, payload: Buffer): Buffer {
  return Buffer.concat([words(0x8001, 0x0002, type), payload]);
}

/** In `ethernet(0x8909, ...)`. */
export function ciscoMetadata(type: number, payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from([1, 1]), words(1, 7, type), payload]);
}

/** In `ethernet(0x88e5, ...)`: protected, not encrypted, with a trailing integrity value. */
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
