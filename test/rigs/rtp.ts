/** RTP for tests: packets, streams with faults, and calls whose descriptions announce them. */
import type { Frame } from '../../src/lib/base/index.js';
import { ETHER_IPV4, ETHER_IPV6, ethernet, frame, udpPacket } from './frames.js';
import { sipBytes } from './sip.js';

export interface RtpMembers {
  sequence: number;
  timestamp: number;
  ssrc?: number;
  type?: number;
  marker?: boolean;
  payload?: Buffer;
}

export function rtp({ sequence, timestamp, ssrc = 0x1234, type = 8, marker = false, payload = Buffer.alloc(160) }: RtpMembers): Buffer {
  const header = Buffer.alloc(12);
  header[0] = 0x80;
  header[1] = (marker ? 0x80 : 0) | type;
  header.writeUInt16BE(sequence & 0xffff, 2);
  header.writeUInt32BE(timestamp >>> 0, 4);
  header.writeUInt32BE(ssrc >>> 0, 8);
  return Buffer.concat([header, payload]);
}

/** RFC 4733. */
export function telephoneEvent(event: number, duration: number, isEnd = false): Buffer {
  return Buffer.from([event, isEnd ? 0x8a : 0x0a, duration >>> 8, duration & 255]);
}

export interface Path {
  source: string;
  sourcePort: number;
  destination: string;
  destinationPort: number;
}

export const CALLER: Pick<Path, 'source' | 'sourcePort'> = { source: '192.0.2.1', sourcePort: 4000 };
export const CALLEE: Pick<Path, 'source' | 'sourcePort'> = { source: '192.0.2.2', sourcePort: 6000 };
export const FORTH: Path = { ...CALLER, destination: CALLEE.source, destinationPort: CALLEE.sourcePort };
export const BACK: Path = { ...CALLEE, destination: CALLER.source, destinationPort: CALLER.sourcePort };
/** Microseconds. */
export const START = 1_700_000_000_000_000;

export function datagram(path: Path, payload: Buffer, capturedAt: number): Frame {
  return frame(ethernet(path.source.includes(':') ? ETHER_IPV6 : ETHER_IPV4, udpPacket(path, payload)), { capturedAt });
}

export interface StreamMembers extends Partial<Omit<RtpMembers, 'timestamp' | 'payload'>> {
  path?: Path;
  /** Seconds after START. */
  at?: number;
  packets: number;
  /** Timestamp of the first packet. */
  timestamp?: number;
  /** Ticks of a packet. */
  ticks?: number;
  /** Sequence numbers, from 0, of lost packets. */
  lost?: readonly number[];
  /** Milliseconds by which a packet is late. */
  delayed?: Readonly<Record<number, number>>;
  /** Those that arrive twice. */
  twice?: readonly number[];
}

/** 20 ms a packet. */
export function stream(members: StreamMembers): Frame[] {
  const { path = FORTH, at = 1, packets, sequence = 100, timestamp = 5000, ticks = 160, lost = [], delayed = {}, twice = [] } = members;
  const frames: Frame[] = [];
  for (let i = 0; i < packets; i++) {
    if (lost.includes(i)) continue;
    const capturedAt = START + at * 1e6 + i * 20_000 + (delayed[i] ?? 0) * 1000;
    const packet = rtp({ ...members, sequence: sequence + i, timestamp: timestamp + i * ticks, marker: i === 0 });
    for (let times = twice.includes(i) ? 2 : 1; times > 0; times--) frames.push(datagram(path, packet, capturedAt));
  }
  return inTime(frames);
}

export function inTime(frames: readonly Frame[]): Frame[] {
  return [...frames].sort((a, b) => a.capturedAt - b.capturedAt).map((each, i) => ({ ...each, number: i + 1 }));
}

export const PLAIN_FORMATS = 'm=audio PORT RTP/AVP 8 101\r\na=rtpmap:101 telephone-event/8000\r\n';

/** `media` contains PORT in place of the port. */
export function sdp({ source, sourcePort }: Pick<Path, 'source' | 'sourcePort'>, media = PLAIN_FORMATS): string {
  const family = source.includes(':') ? 'IP6' : 'IP4';
  return `v=0\r\no=- 1 1 IN ${family} ${source}\r\ns=-\r\nc=IN ${family} ${source}\r\nt=0 0\r\n${media.replaceAll('PORT', String(sourcePort))}`;
}

export interface SignalMembers {
  callId?: string;
  at?: number;
  body?: string;
  toTag?: string;
  cseq?: string;
}

const SIGNALLING: Path = { source: '192.0.2.1', sourcePort: 5060, destination: '192.0.2.2', destinationPort: 5060 };

/** A request of the caller, or a reply to it. */
export function signal(
  startLine: string,
  { callId = 'call-1', at = 0, body = '', toTag = '', cseq = '1 INVITE' }: SignalMembers = {},
): Frame {
  const isReply = startLine.startsWith('SIP/2.0');
  const path = isReply ? { source: '192.0.2.2', sourcePort: 5060, destination: '192.0.2.1', destinationPort: 5060 } : SIGNALLING;
  const headers = [
    `Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK${callId}${cseq.replace(/\W/g, '')}`,
    'From: <sip:ann@a.example>;tag=at1',
    `To: <sip:ben@b.example>${toTag === '' ? '' : `;tag=${toTag}`}`,
    `Call-ID: ${callId}`,
    `CSeq: ${cseq}`,
    ...(body === '' ? [] : ['Content-Type: application/sdp']),
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  return datagram(path, sipBytes(startLine, headers, body), START + at * 1e6);
}

export const INVITE = 'INVITE sip:ben@b.example SIP/2.0';

/** INVITE and 200, with the descriptions of both sides; the ACK. */
export function answeredCall(callId = 'call-1', at = 0, media = PLAIN_FORMATS): Frame[] {
  return [
    signal(INVITE, { callId, at, body: sdp(CALLER, media) }),
    signal('SIP/2.0 200 OK', { callId, at: at + 0.5, body: sdp(CALLEE, media), toTag: 'bt1' }),
    signal('ACK sip:ben@b.example SIP/2.0', { callId, at: at + 0.51, toTag: 'bt1', cseq: '1 ACK' }),
  ];
}

export function hangUp(callId = 'call-1', at = 20): Frame[] {
  return [
    signal('BYE sip:ben@b.example SIP/2.0', { callId, at, toTag: 'bt1', cseq: '2 BYE' }),
    signal('SIP/2.0 200 OK', { callId, at: at + 0.01, toTag: 'bt1', cseq: '2 BYE' }),
  ];
}
