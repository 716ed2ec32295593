/** Fragments of datagrams. */
import type { Frame } from '../../src/lib/base/index.js';
import * as make from '../rigs/frames.js';

export const RAW = { linkType: make.LINK.raw };

export const TEXT = Buffer.from('INVITE sip:fragment@example.net SIP/2.0\r\nCall-ID: fragments-of-one\r\n\r\n');

export const DATAGRAM = make.udp({}, TEXT);

export function numbered(packets: readonly Buffer[], capturedAt = 1e15): Frame[] {
  return packets.map((bytes, i) => make.frame(bytes, { ...RAW, number: i + 1, capturedAt: capturedAt + i }));
}

export function fragment(offset: number, more: boolean, payload: Buffer, members: make.Ipv4Members = {}): Buffer {
  return make.ipv4({ id: 5, ...members, offset, more }, payload);
}
