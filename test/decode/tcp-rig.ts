/** TCP segments. */
import type { Frame } from '../../src/lib/base/index.js';
import * as make from '../rigs/frames.js';
import { Collector } from './collect.js';

export const RAW = { linkType: make.LINK.raw };

export const START = 1e15;

/** A segment from one end or the other, `at` milliseconds after the start. */
export function segment(at: number, members: make.TcpMembers & { back?: boolean; text?: string; number?: number }): Frame {
  const { back, text, number, ...tcp } = members;
  const ports = back === true ? { sourcePort: 5080, destinationPort: 5060 } : {};
  const ends = back === true ? { source: '127.0.0.2', destination: '127.0.0.1' } : {};
  const packet = make.ipv4({ ...ends, protocol: make.IP_TCP }, make.tcp({ ...ports, ...tcp }, Buffer.from(text ?? '')));
  return make.frame(packet, { ...RAW, capturedAt: START + at * 1000, number: number ?? 1 });
}

export function textOf(collector: Collector, stream = 0): string {
  return collector.streams[stream].bytes.latin1Slice();
}
