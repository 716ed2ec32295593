/** Media addresses, ports, codecs and clock rates from SDP (RFC 8866; a=rtcp RFC 3605; a=rtcp-mux RFC 5761; a=candidate RFC 8839). */
import { ipv6Text, parseIpv6, type SipFields } from '../base/index.js';

export interface SdpPayload {
  number: number;
  /** Encoding name as written, '' if unknown. */
  codec: string;
  /** Of the RTP clock, 0 if unknown. */
  clockRate: number;
}

export interface SdpMedia {
  /** audio, video, image... */
  kind: string;
  /** IPv6 in RFC 5952 form; '' without a c= line. */
  address: string;
  /** 0 if the stream is refused. */
  port: number;
  /** RTP/AVP, UDP/TLS/RTP/SAVPF, udptl... */
  protocol: string;
  rtcpAddress: string;
  rtcpPort: number;
  /** RTCP may share the RTP port. */
  rtcpMux: boolean;
  direction: SdpDirection;
  payloads: SdpPayload[];
  /** Where ICE may send and receive as well, RTCP's included. */
  candidates: SdpAddress[];
}

export type SdpDirection = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

export interface SdpAddress {
  address: string;
  port: number;
}

/** Of one description; more are not looked at. */
const MAX_CANDIDATES = 64;

/** RFC 3551 section 6: payload types that need no rtpmap. G722 counts 8000 although it samples 16000 (section 4.5.2). */
const STATIC_PAYLOADS: Readonly<Record<number, readonly [codec: string, clockRate: number]>> = {
  0: ['PCMU', 8000],
  3: ['GSM', 8000],
  4: ['G723', 8000],
  5: ['DVI4', 8000],
  6: ['DVI4', 16000],
  7: ['LPC', 8000],
  8: ['PCMA', 8000],
  9: ['G722', 8000],
  10: ['L16', 44100],
  11: ['L16', 44100],
  12: ['QCELP', 8000],
  13: ['CN', 8000],
  14: ['MPA', 90000],
  15: ['G728', 8000],
  16: ['DVI4', 11025],
  17: ['DVI4', 22050],
  18: ['G729', 8000],
  25: ['CelB', 90000],
  26: ['JPEG', 90000],
  28: ['nv', 90000],
  31: ['H261', 90000],
  32: ['MPV', 90000],
  33: ['MP2T', 90000],
  34: ['H263', 90000],
};

/** What a payload type is without rtpmap; codec '' for the dynamic and unassigned ones. */
export function staticPayload(number: number): SdpPayload {
  const [codec, clockRate] = STATIC_PAYLOADS[number] ?? ['', 0];
  return { number, codec, clockRate };
}

/** The media of a session description; empty if the text is not one. */
export function readSdp(text: string): SdpMedia[] {
  const media: SdpMedia[] = [];
  let sessionAddress = '';
  let sessionDirection: SdpDirection = 'sendrecv';
  let current: SdpMedia | null = null;
  let hasRtcp = false;
  for (const line of text.split(/\r?\n|\r/)) {
    if (line[1] !== '=') continue;
    const value = line.slice(2).trim();
    if (line[0] === 'm') {
      current = mediaOf(value, sessionAddress);
      if (current !== null) {
        current.direction = sessionDirection;
        media.push(current);
      }
      hasRtcp = false;
    } else if (line[0] === 'c') {
      const address = connectionAddress(value);
      if (current === null) sessionAddress = address;
      else {
        current.address = address;
        if (!hasRtcp) current.rtcpAddress = address;
      }
    } else if (line[0] === 'a') {
      if (current !== null) hasRtcp = attribute(value, current) || hasRtcp;
      else if (isDirection(value)) sessionDirection = value;
    }
  }
  return media;
}

/** `audio 49170 RTP/AVP 0 8`, or `audio 49170/2 …`. */
function mediaOf(value: string, address: string): SdpMedia | null {
  const [kind, portText, protocol, ...formats] = value.split(/\s+/);
  const port = parseInt(portText ?? '', 10);
  if (!(port >= 0 && port <= 65_535)) return null;
  const payloads = [...new Set(formats)].filter((format) => /^\d{1,3}$/.test(format)).map((format) => staticPayload(Number(format)));
  // The next higher port, unless a=rtcp says otherwise (RFC 3550 section 11).
  return {
    kind,
    address,
    port,
    protocol: protocol ?? '',
    rtcpAddress: address,
    rtcpPort: port === 0 || port === 65_535 ? 0 : port + 1,
    rtcpMux: false,
    direction: 'sendrecv',
    payloads,
    candidates: [],
  };
}

/** `IN IP4 192.0.2.1`, perhaps with `/ttl`. */
function connectionAddress(value: string): string {
  const address = (value.split(/\s+/)[2] ?? '').split('/')[0];
  const ipv6 = address.includes(':') ? parseIpv6(address) : null;
  return ipv6 === null ? address : ipv6Text(ipv6, 0);
}

/** Applies an attribute to its media; true if it gives the RTCP address. */
function attribute(value: string, media: SdpMedia): boolean {
  if (value === 'rtcp-mux') media.rtcpMux = true;
  else if (isDirection(value)) media.direction = value;
  else if (value.startsWith('candidate:')) addCandidate(value, media);
  const rtpmap = /^rtpmap:(\d{1,3})\s+([^/\s]+)\/(\d{1,7})/i.exec(value);
  if (rtpmap !== null) {
    const payload = media.payloads.find((each) => each.number === Number(rtpmap[1]));
    if (payload !== undefined) {
      payload.codec = rtpmap[2];
      payload.clockRate = Number(rtpmap[3]);
    }
  }
  const rtcp = /^rtcp:(\d{1,5})(?:\s+(.+))?$/i.exec(value);
  if (rtcp === null || Number(rtcp[1]) > 65_535) return false;
  media.rtcpPort = Number(rtcp[1]);
  if (rtcp[2] !== undefined) media.rtcpAddress = connectionAddress(rtcp[2]);
  return true;
}

function isDirection(value: string): value is SdpDirection {
  return value === 'sendrecv' || value === 'sendonly' || value === 'recvonly' || value === 'inactive';
}

/** `candidate:1 1 UDP 2130706431 192.0.2.1 8998 typ host`; names instead of addresses (mDNS) say nothing. */
function addCandidate(value: string, media: SdpMedia): void {
  const [, , transport, , address, port] = value.split(/\s+/, 6);
  if (media.candidates.length >= MAX_CANDIDATES || transport?.toUpperCase() !== 'UDP' || !/^[\d.]+$|:/.test(address ?? '')) return;
  const number = parseInt(port ?? '', 10);
  if (number > 0 && number <= 65_535) media.candidates.push({ address: connectionAddress(`IN IP ${address}`), port: number });
}

/** The session description in a message's body, also in a multipart one; '' if there is none. */
export function sdpOf(sip: SipFields, payload: Buffer): string {
  if (sip.bodyAt + 5 >= payload.length) return '';
  const type = sip.contentType.toLowerCase();
  if (type !== '' && !type.startsWith('application/sdp') && !type.startsWith('multipart/')) return '';
  // Some senders put an empty line before the first.
  let at = sip.bodyAt;
  while (at < payload.length && (payload[at] === 0x0d || payload[at] === 0x0a)) at++;
  const body = payload.latin1Slice(at, payload.length);
  if (body.startsWith('v=0')) return body;
  const part = type.startsWith('multipart/') ? body.search(/^v=0\r?$/m) : -1;
  if (part < 0) return '';
  const end = body.search(/^--/m) < part ? body.slice(part).search(/^--/m) : -1;
  return end < 0 ? body.slice(part) : body.slice(part, part + end);
}
