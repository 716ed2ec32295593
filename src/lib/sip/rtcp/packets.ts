/** The contents of an RTCP compound, as records. Numbers are as on the wire; `homer-json.ts` gives their units. */
import type { Fault } from '../../base/index.js';
import type { XrBlock } from './extended-blocks.js';

export const RTCP_SR = 200;
export const RTCP_RR = 201;
export const RTCP_SDES = 202;
export const RTCP_BYE = 203;
export const RTCP_APP = 204;
export const RTCP_RTPFB = 205;
export const RTCP_PSFB = 206;
export const RTCP_XR = 207;

/** RFC 3550 section 6.4.1: a receiver's report on one source. */
export interface ReportBlock {
  /** SSRC of the source that the block is about. */
  source: number;
  /** Fraction lost since the previous report, of 256. */
  fractionLost: number;
  /** Cumulative number of packets lost, signed: duplicates make it negative. */
  packetsLost: number;
  highestSequence: number;
  /** In units of the RTP clock. */
  jitter: number;
  /** Middle 32 bits of the NTP time of the last SR from the source, 0 if there was none. */
  lastSr: number;
  /** Time between that SR and this block, in 1/65536 s. */
  delaySinceLastSr: number;
}

/** RFC 3550 section 6.4.1: sender information. */
export interface SenderInfo {
  ntpSeconds: number;
  /** Of 2^32. */
  ntpFraction: number;
  rtpTimestamp: number;
  packets: number;
  octets: number;
}

export interface SenderReport extends SenderInfo {
  kind: 'sr';
  ssrc: number;
  blocks: ReportBlock[];
}
export interface ReceiverReport {
  kind: 'rr';
  ssrc: number;
  blocks: ReportBlock[];
}
/** Only private items have a `prefix`. */
export interface SdesItem {
  type: number;
  prefix: string;
  text: string;
}
export interface SdesChunk {
  source: number;
  items: SdesItem[];
}
export interface SourceDescription {
  kind: 'sdes';
  chunks: SdesChunk[];
}
export interface Goodbye {
  kind: 'bye';
  sources: number[];
  reason: string;
}
export interface Application {
  kind: 'app';
  subtype: number;
  ssrc: number;
  name: string;
  data: Buffer;
}
/** RFC 4585 section 6.1; `format` is the FMT number, `name` its name, '' if unknown. */
export interface Feedback {
  kind: 'feedback';
  packetType: number;
  format: number;
  name: string;
  ssrc: number;
  media: number;
  data: Buffer;
}
export interface ExtendedReport {
  kind: 'xr';
  ssrc: number;
  blocks: XrBlock[];
}
/** A packet type that is not decoded. */
export interface OtherPacket {
  kind: 'other';
  packetType: number;
  count: number;
  data: Buffer;
}

export type RtcpPacket =
  SenderReport | ReceiverReport | SourceDescription | Goodbye | Application | Feedback | ExtendedReport | OtherPacket;

/** The packets of one datagram, up to the first malformed one; `fault` says why it stops there. */
export interface RtcpCompound {
  packets: RtcpPacket[];
  fault: Fault | null;
}
