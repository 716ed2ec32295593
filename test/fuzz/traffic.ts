/** Mixed traffic for the fuzzers: streams with losses and acknowledgements, datagrams, fragments and SCTP, interleaved, over seconds. */
import type { Frame } from '../../src/lib/base/index.js';
import { hep3 } from '../../bench/corpus.mjs';
import * as make from '../rigs/frames.js';
import { options } from '../rigs/messages.js';
import { COMPOSITES } from '../decode/composites.js';
import { KINDS, segments, stream, type Next } from './streams.js';

const SERVER = { source: '127.0.0.2', destination: '127.0.0.1', sourcePort: 5060 };
const START = 1_700_000_000_000_000;
/** Of a case, which is read up to six times within 50 ms; what is left of the senders then is not sent. */
const MAX_FRAMES = 400;

/** The frames of one sender, in their order. */
function sender(index: number, next: Next, lossy: boolean): Buffer[] {
  const host = `127.3.0.${index + 1}`;
  switch (next(6)) {
    case 0:
      return Array.from({ length: 1 + next(3) }, (_, i) =>
        ipv4Of(make.udpPacket({ source: host }, options(`udp-${index}-${i}`, next(200)))),
      );
    case 1: {
      const packets = make.ipv4Fragments(
        { source: host, id: index + 1 },
        make.udp({}, options(`pieces-${index}`, 200 + next(3000))),
        8 * (1 + next(150)),
      );
      return shuffled(packets, next)
        .filter(() => !lossy || next(6) !== 0)
        .map(ipv4Of);
    }
    case 2: {
      const sip = options(`sctp-${index}`, next(400));
      const middle = 1 + next(sip.length - 1);
      const parts = [
        make.sctpData({ transmission: 7, last: false }, sip.subarray(0, middle)),
        make.sctpData({ transmission: 8, first: false }, sip.subarray(middle)),
      ];
      return shuffled(parts, next).map((part) =>
        ipv4Of(make.ipv4({ source: host, protocol: make.IP_SCTP }, make.sctp({ tag: index + 1 }, part))),
      );
    }
    case 3:
      return [ipv4Of(make.udpPacket({ source: host, destinationPort: 9060 }, hep3(options(`hep-${index}`), index) as Buffer))];
    default: {
      const port = 40_000 + index;
      const { bytes } = stream(KINDS[next(KINDS.length)], next);
      const frames = segments(bytes, next, port).map((frame) => Buffer.from(frame.bytes.subarray(frame.from, frame.to)));
      const kept = frames.filter(() => !lossy || next(15) !== 0);
      if (next(2) === 0) return kept;
      // The other side acknowledges now and then, all or less.
      const acknowledged: Buffer[] = [];
      for (const [i, frame] of kept.entries()) {
        acknowledged.push(frame);
        const acknowledgement = 1001 + Math.floor((bytes.length * (i + 1 - next(3))) / kept.length);
        if (next(3) === 0)
          acknowledged.push(ipv4Of(make.tcpPacket({ ...SERVER, destinationPort: port, flags: 'A', sequence: 5001, acknowledgement })));
      }
      return acknowledged;
    }
  }
}

/** Everything of several senders, in an order that keeps each sender's own. */
export function traffic(next: Next, lossy: boolean): Frame[] {
  const queues = Array.from({ length: 2 + next(6) }, (_, index) => sender(index, next, lossy));
  const frames: Frame[] = [];
  for (let at = START; queues.length > 0 && frames.length < MAX_FRAMES; at += pause(next)) {
    const queue = queues[next(queues.length)];
    const bytes = next(12) === 0 ? other(next) : queue.shift();
    if (queue.length === 0) queues.splice(queues.indexOf(queue), 1);
    if (bytes !== undefined) frames.push(make.frame(bytes, { number: frames.length + 1, capturedAt: at, nanoseconds: -1 }));
  }
  return frames;
}

/** Microseconds to the next frame: now and then long enough for fragments, associations and connections to be given up. */
function pause(next: Next): number {
  if (next(80) === 0) return next(next(2) === 0 ? 40_000_000 : 400_000_000);
  return next(4) === 0 ? next(900_000) : next(3000);
}

/** A frame that has nothing to do with SIP. */
function other(next: Next): Buffer {
  return ipv4Of(make.udpPacket({ sourcePort: 30_000, destinationPort: 30_002 }, Buffer.alloc(20 + next(100), 0x80)));
}

function ipv4Of(packet: Buffer): Buffer {
  return make.ethernet(make.ETHER_IPV4, packet);
}

function shuffled<T>(list: readonly T[], next: Next): T[] {
  const rest = [...list];
  const result: T[] = [];
  while (rest.length > 0) result.push(...rest.splice(next(3) === 0 ? next(rest.length) : 0, 1));
  return result;
}

/** One frame of any encapsulation, part of a stream or fragment, or noise. */
export function anyFrame(next: Next): { linkType: number; bytes: Buffer } {
  const kind = next(10);
  if (kind === 0) {
    const bytes = Buffer.alloc(next(120));
    for (let i = 0; i < bytes.length; i++) bytes[i] = next(256);
    return { linkType: LINK_TYPES[next(LINK_TYPES.length)], bytes };
  }
  if (kind < 5) {
    const { linkType, bytes } = COMPOSITES[next(COMPOSITES.length)];
    return { linkType, bytes: Buffer.from(bytes) };
  }
  const payload = next(3) === 0 ? Buffer.from('\r\n\r\n') : options(`any-${next(50)}`, next(300));
  const host = `127.3.0.${1 + next(20)}`;
  if (kind === 5) {
    const fragments = make.ipv4Fragments({ source: host, id: next(10) }, make.udp({}, payload), 8 * (1 + next(40)));
    return { linkType: 1, bytes: ipv4Of(fragments[next(fragments.length)]) };
  }
  if (kind === 6)
    return { linkType: 1, bytes: ipv4Of(make.udpPacket({ source: host, destinationPort: 9060 }, hep3(payload, next(1000)) as Buffer)) };
  if (kind === 7) {
    const part = make.sctpData({ transmission: next(40), first: next(2) === 0, last: next(2) === 0 }, payload);
    return { linkType: 1, bytes: ipv4Of(make.ipv4({ source: host, protocol: make.IP_SCTP }, make.sctp({ tag: 1 + next(3) }, part))) };
  }
  const flags = ['A', 'PA', 'S', 'FA', 'R', 'SA'][next(6)];
  const members = { source: host, sourcePort: 40_000 + next(4), flags, sequence: next(30) * 100, acknowledgement: next(3000) };
  return { linkType: 1, bytes: ipv4Of(make.tcpPacket(members, payload)) };
}

const LINK_TYPES = [0, 1, 9, 12, 50, 51, 101, 104, 105, 107, 108, 109, 113, 117, 127, 197, 228, 229, 239, 252, 276, 77];

/** Bytes damaged in one of the ways in which captures are. */
export function damaged(bytes: Buffer, next: Next): Buffer {
  let result = Buffer.from(bytes);
  switch (next(6)) {
    case 0:
      break;
    case 1:
      result = result.subarray(0, next(result.length + 1));
      break;
    case 2: {
      const at = next(result.length + 1);
      result = Buffer.concat([result.subarray(0, at), Buffer.alloc(next(12), next(256)), result.subarray(at)]);
      break;
    }
    case 3: {
      const at = next(result.length + 1);
      result = Buffer.concat([result.subarray(0, at), result.subarray(Math.min(result.length, at + next(12)))]);
      break;
    }
    default:
      for (let flips = 1 + next(5); flips > 0 && result.length > 0; flips--)
        result[next(result.length)] = next(2) === 0 ? next(256) : EDGES[next(EDGES.length)];
  }
  return result;
}

const EDGES = [0, 1, 0x0a, 0x0d, 0x20, 0x3a, 0x7f, 0x80, 0xff];
