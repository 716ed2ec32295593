/**
 * RTCP reports (payload type 5) as sent by heplify, captagent, rtpengine, Asterisk and rtpproxy, normalised: numbers
 * written as text, loss written unsigned, the type of the last packet of a compound, members missing or null.
 */
import { fault, type Fault } from '../../base/index.js';
import type { Json } from './homer-json.js';
import { readLenientJson } from './lenient-json.js';
import { RTCP_RR, RTCP_SR, RTCP_XR, type ReportBlock, type SenderInfo } from './packets.js';
import { signed24 } from './reports.js';

/** The contents of such a report; units as on the wire. */
export interface RtcpRecord {
  ssrc: number;
  /** 200 SR, 201 RR, 202 SDES, 207 XR: by its contents, else as sent. */
  type: number;
  sender: SenderInfo | null;
  blocks: ReportBlock[];
  /** Numeric members of VoIP metrics, under their Homer names. */
  xr: Record<string, number>;
  sdes: { source: number; type: number; text: string }[];
  /** The sender's own estimate, 1 to 5; null if absent. */
  mos: number | null;
}

type Members = { [member: string]: Json };

/** One record for each object in the payload. */
export function readRtcpJson(payload: string): RtcpRecord[] | Fault {
  const values = readLenientJson(payload);
  if (values === null) return fault('corrupt', 'rtcp json');
  const objects = values.flat().filter(isObject);
  return objects.length === 0 ? fault('empty_payload', 'rtcp json') : objects.map(recordOf);
}

function isObject(value: Json): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function recordOf(json: Members): RtcpRecord {
  const sender = isObject(json.sender_information) ? senderInfo(json.sender_information) : null;
  const blocks = (Array.isArray(json.report_blocks) ? json.report_blocks : [json.report_blocks ?? null]).filter(isObject).map(reportBlock);
  const xr = { ...numbersOf(json.voip_metrics), ...numbersOf(json.report_blocks_xr) };
  const source = number(json.sdes_ssrc);
  return {
    ssrc: number(json.ssrc),
    type: typeOf(json, sender, blocks, xr),
    sender,
    blocks,
    xr,
    sdes: (Array.isArray(json.sdes_information) ? json.sdes_information : []).filter(isObject).map((item) => ({
      source: number(item.sdes_chunk_ssrc ?? source),
      type: number(item.type),
      text: typeof item.text === 'string' ? item.text : '',
    })),
    mos: plausibleMos(json.mos ?? xr.mos_cq ?? xr.mos_lq ?? null),
  };
}

/** Some senders write the type of the compound's last packet; the contents are more reliable. */
function typeOf(json: Members, sender: SenderInfo | null, blocks: readonly ReportBlock[], xr: Record<string, number>): number {
  if (sender !== null) return RTCP_SR;
  if (blocks.length > 0) return RTCP_RR;
  return Object.keys(xr).length > 0 ? RTCP_XR : number(json.type);
}

function senderInfo(json: Members): SenderInfo {
  return {
    ntpSeconds: number(json.ntp_timestamp_sec),
    ntpFraction: number(json.ntp_timestamp_usec),
    rtpTimestamp: number(json.rtp_timestamp),
    packets: number(json.packets),
    octets: number(json.octets),
  };
}

function reportBlock(json: Members): ReportBlock {
  return {
    source: number(json.source_ssrc),
    fractionLost: number(json.fraction_lost),
    packetsLost: signedLoss(number(json.packets_lost)),
    highestSequence: number(json.highest_seq_no),
    jitter: number(json.ia_jitter),
    lastSr: number(json.lsr),
    delaySinceLastSr: number(json.dlsr),
  };
}

/** 24 bits read as unsigned, or sign-extended to 32 bits and read as unsigned. */
function signedLoss(value: number): number {
  return value > 0x7fffffff ? value - 0x1_0000_0000 : signed24(value);
}

function number(value: Json | undefined): number {
  const read = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof read === 'number' && Number.isFinite(read) ? read : 0;
}

function numbersOf(value: Json | undefined): Record<string, number> {
  const members: Record<string, number> = {};
  if (value === undefined || !isObject(value)) return members;
  for (const [name, member] of Object.entries(value))
    if (typeof member === 'number' || (typeof member === 'string' && member.trim() !== '' && !Number.isNaN(Number(member))))
      members[name] = Number(member);
  return members;
}

/** Values times 10 and times 100 are in use too. */
function plausibleMos(value: Json): number | null {
  const mos = number(value);
  if (mos >= 1 && mos <= 5) return mos;
  if (mos >= 10 && mos <= 50) return mos / 10;
  return mos >= 100 && mos <= 500 ? mos / 100 : null;
}
