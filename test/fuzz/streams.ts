/** Streams of messages for the fuzzers, split into segments: anywhere, repeated, out of order, some lost. */
import { constants, deflateRawSync } from 'node:zlib';
import type { Frame } from '../../src/lib/base/index.js';
import { hep3 } from '../../bench/corpus.mjs';
import { Conversation, UPGRADE, webSocketFrame } from '../rigs/conversation.js';
import { IP_TCP, frame } from '../rigs/frames.js';
import { checksum } from '../rigs/frames/bytes.js';
import { options } from '../rigs/messages.js';
import { seeded } from '../rigs/random.js';

/** Whole numbers from 0 to below the one given. */
export type Next = (below: number) => number;

export function random(seed: number): Next {
  const number = seeded(seed);
  return (below) => Math.floor(number() * below);
}

export const KINDS = ['SIP', 'WebSocket', 'HEP'] as const;
export type Kind = (typeof KINDS)[number];

const JUNK = ['\r\n\r\n', '\r\n', '\0', 'jaK', 'text in a line\r\n', '<xml/>', '\x16\x03\x01\x02', 'POST /x HTTP/1.1\r\n\r\n'];

/** A stream of one protocol, and the messages in it. */
export function stream(kind: Kind, next: Next): { bytes: Buffer; sent: Buffer[] } {
  const parts: Buffer[] = kind === 'WebSocket' ? [Buffer.from(UPGRADE)] : [];
  const sent: Buffer[] = [];
  for (let i = 2 + next(8); i > 0; i--) {
    const sip = options(`call-${i}-${next(1e6)}`, next(3) === 0 ? next(3000) : next(60));
    if (kind === 'HEP') {
      parts.push(hep3(sip, i) as Buffer);
    } else if (kind === 'WebSocket') {
      const compressed = next(3) === 0;
      const text = compressed ? deflateRawSync(sip, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4) : sip;
      parts.push(webSocketFrame(text, true, compressed ? 0xc1 : 0x81));
      if (next(4) === 0) parts.push(webSocketFrame('', true, 0x89));
    } else {
      if (next(3) === 0) parts.push(Buffer.from(JUNK[next(JUNK.length)], 'latin1'));
      parts.push(sip);
    }
    sent.push(sip);
  }
  return { bytes: Buffer.concat(parts), sent };
}

/** Of a stream's bytes those that are in tiny segments: a window anywhere, so that a case is hundreds of segments, not thousands. */
const WINDOW = 300;
/** About as many segments as a stream that is tiny ones all along has at most. */
const TINY_SEGMENTS = 300;

/** The largest segment at each place of that many bytes: now and then tiny ones all along, otherwise within a window at most. */
function largestAt(length: number, next: Next): (at: number) => number {
  const [tiny, usual] = [1 + next(40), 100 + next(1400)];
  if (next(40) === 0) return () => Math.max(tiny, Math.ceil((2 * length) / TINY_SEGMENTS));
  const from = next(length + 1) - (WINDOW >> 1);
  return next(3) === 0 ? () => usual : (at) => (at >= from && at < from + WINDOW ? tiny : usual);
}

/** The bytes as segments: split anywhere, some sent twice or overlapping, some late by a few places. */
export function segments(bytes: Buffer, next: Next, clientPort = 40_000): Frame[] {
  const largest = largestAt(bytes.length, next);
  const pieces: { at: number; from: number; to: number }[] = [];
  for (let from = 0, i = 0; from < bytes.length; i++) {
    const to = Math.min(bytes.length, from + 1 + next(largest(from)));
    const late = next(6) === 0 ? next(8) : 0;
    pieces.push({ at: i + late, from, to });
    if (next(8) === 0) pieces.push({ at: i + next(8), from: Math.max(0, from - next(20)), to });
    from = to;
  }
  pieces.sort((a, b) => a.at - b.at);
  const { frames } = new Conversation(clientPort).open();
  const template = bytesOf(new Conversation(clientPort).client('x').frames[0]);
  for (const { from, to } of pieces) frames.push(frame(segment(template, from, bytes.subarray(from, to))));
  return frames.map((frame, i) => ({ ...frame, number: i + 1, capturedAt: 1_700_000_000_000_000 + i }));
}

/** Of a frame, without what is around it in its buffer. */
export const bytesOf = ({ bytes, from, to }: Frame): Buffer => bytes.subarray(from, to);

const ETHERNET = 14;
const IPV4 = 20;
const TCP = 20;

/** The frame of a segment with another payload at another place of its stream: as built anew, but a case has hundreds of them. */
export function segment(template: Buffer, offset: number, payload: Buffer): Buffer {
  const bytes = Buffer.concat([template.subarray(0, ETHERNET + IPV4 + TCP), payload]);
  bytes.writeUInt16BE(IPV4 + TCP + payload.length, ETHERNET + 2);
  bytes.writeUInt16BE(0, ETHERNET + 10);
  bytes.writeUInt16BE(checksum(bytes.subarray(ETHERNET, ETHERNET + IPV4)), ETHERNET + 10);
  const tcp = ETHERNET + IPV4;
  bytes.writeUInt32BE(template.readUInt32BE(tcp + 4) + offset, tcp + 4);
  // The pseudo header of RFC 9293 section 3.1: the addresses before it, and these in the place of the checksum of IPv4.
  bytes.writeUInt16BE(IP_TCP + TCP + payload.length, tcp + 16);
  bytes.writeUInt16BE(checksum(bytes.subarray(tcp - 8)), tcp + 16);
  return bytes;
}
