/**
 * A compound as the JSON that Homer's tools read (payload type 5). Units of the members they share:
 * `fraction_lost` of 256; `packets_lost` signed; `ia_jitter` in units of the RTP clock; `lsr` the middle 32 bits of
 * an NTP time; `dlsr` in 1/65536 s; `ntp_timestamp_usec`, in spite of its name, of 2^32; of `report_blocks_xr`
 * rates and densities of 256, durations and delays in ms. Ours, in plain units, null where unknown:
 * `loss_percent`, `jitter_ms`, `round_trip_ms` (from the capture point to the reporter and back), `r_factor`, `mos`.
 */
import { u32 } from '../../base/index.js';
import { isVoipMetrics, type VoipMetricsBlock, type XrBlock } from './extended-blocks.js';
import {
  RTCP_APP,
  RTCP_BYE,
  RTCP_RR,
  RTCP_SDES,
  RTCP_SR,
  RTCP_XR,
  type ReportBlock,
  type RtcpCompound,
  type RtcpPacket,
} from './packets.js';
import { senderOf } from './compound.js';
import { qualityOf, round } from './quality.js';
import { runLengthBits } from './extended-report.js';

export interface MediaKnowledge {
  /** Of the RTP clock, 0 if unknown. */
  clockRate: number;
  /** As in SDP, '' if unknown. */
  codec: string;
  roundTripMs(block: ReportBlock): number | null;
}

export const NOTHING_KNOWN: MediaKnowledge = Object.freeze({ clockRate: 0, codec: '', roundTripMs: () => null });

export type Json = null | boolean | number | string | Json[] | { [member: string]: Json };

/** One object for the whole compound; null if it has no packets. */
export function homerJson({ packets }: RtcpCompound, known: MediaKnowledge = NOTHING_KNOWN): { [member: string]: Json } | null {
  if (packets.length === 0) return null;
  const json: { [member: string]: Json } = {};
  const blocks = packets.flatMap((packet) => (packet.kind === 'sr' || packet.kind === 'rr' ? packet.blocks : []));
  const sender = packets.find((packet) => packet.kind === 'sr');
  if (sender !== undefined) {
    json.sender_information = {
      ntp_timestamp_sec: sender.ntpSeconds,
      ntp_timestamp_usec: sender.ntpFraction,
      rtp_timestamp: sender.rtpTimestamp,
      packets: sender.packets,
      octets: sender.octets,
    };
  }
  json.ssrc = senderOf(packets[0]);
  json.type = typeOf(packets[0]);
  json.report_count = blocks.length;
  json.report_blocks = blocks.map((block) => blockJson(block, known));
  for (const packet of packets) addPacket(json, packet);
  return json;
}

/** SRTCP (RFC 3711 section 3.4): only the first packet's header and sender are readable. At least 8 bytes. */
export function encryptedJson(bytes: Uint8Array, from: number): { [member: string]: Json } {
  return { ssrc: u32(bytes, from + 4), type: bytes[from + 1], report_count: 0, report_blocks: [], encrypted: true };
}

function typeOf(packet: RtcpPacket): number {
  switch (packet.kind) {
    case 'sr':
      return RTCP_SR;
    case 'rr':
      return RTCP_RR;
    case 'sdes':
      return RTCP_SDES;
    case 'bye':
      return RTCP_BYE;
    case 'app':
      return RTCP_APP;
    case 'xr':
      return RTCP_XR;
    default:
      return packet.packetType;
  }
}

function blockJson(block: ReportBlock, known: MediaKnowledge): Json {
  const jitterMs = known.clockRate > 0 ? (block.jitter * 1000) / known.clockRate : null;
  const roundTripMs = known.roundTripMs(block);
  const quality = qualityOf(block, jitterMs, roundTripMs, known.codec);
  return {
    source_ssrc: block.source,
    fraction_lost: block.fractionLost,
    packets_lost: block.packetsLost,
    highest_seq_no: block.highestSequence,
    ia_jitter: block.jitter,
    lsr: block.lastSr,
    dlsr: block.delaySinceLastSr,
    loss_percent: round((block.fractionLost * 100) / 256, 2),
    jitter_ms: jitterMs === null ? null : round(jitterMs, 3),
    round_trip_ms: roundTripMs === null ? null : round(roundTripMs, 3),
    r_factor: quality.rFactor,
    mos: quality.mos,
  };
}

function addPacket(json: { [member: string]: Json }, packet: RtcpPacket): void {
  switch (packet.kind) {
    case 'sdes':
      if (packet.chunks.length > 0 && json.sdes_ssrc === undefined) json.sdes_ssrc = packet.chunks[0].source;
      json.sdes_information = [
        ...list(json.sdes_information),
        ...packet.chunks.flatMap((chunk) =>
          chunk.items.map((item) => ({ sdes_chunk_ssrc: chunk.source, type: item.type, text: item.text })),
        ),
      ];
      break;
    case 'bye':
      json.bye = { sources: packet.sources, reason: packet.reason };
      break;
    case 'app':
      json.app = [...list(json.app), { name: packet.name, subtype: packet.subtype, data: packet.data.toString('hex') }];
      break;
    case 'feedback':
      json.feedback = [
        ...list(json.feedback),
        { type: packet.packetType, format: packet.format, name: packet.name, media_ssrc: packet.media },
      ];
      break;
    case 'xr':
      addBlocks(json, packet.blocks);
      break;
    default:
      break;
  }
}

function list(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : [];
}

function addBlocks(json: { [member: string]: Json }, blocks: readonly XrBlock[]): void {
  const metrics = blocks.find(isVoipMetrics);
  if (metrics !== undefined && json.report_blocks_xr === undefined) json.report_blocks_xr = metricsJson(metrics);
  json.xr_blocks = [...list(json.xr_blocks), ...blocks.map(xrJson)];
}

/** RFC 3611 section 4.7; 127 means unavailable for the levels, echo loss, R factors and MOS. */
function metricsJson(block: VoipMetricsBlock): Json {
  const available = (value: number) => (value === 127 ? null : value);
  const mos = (value: number) => (value >= 10 && value <= 50 ? value / 10 : null);
  return {
    type: 7,
    id: block.source,
    fraction_lost: block.lossRate,
    fraction_discard: block.discardRate,
    burst_density: block.burstDensity,
    gap_density: block.gapDensity,
    burst_duration: block.burstDuration,
    gap_duration: block.gapDuration,
    round_trip_delay: block.roundTripDelay,
    end_system_delay: block.endSystemDelay,
    signal_level: available(block.signalLevel),
    noise_level: available(block.noiseLevel),
    rerl: available(block.residualEchoReturnLoss),
    gmin: block.gapMinimum,
    r_factor: available(block.rFactor),
    ext_r_factor: available(block.externalRFactor),
    mos_lq: mos(block.mosListening),
    mos_cq: mos(block.mosConversational),
    jb_nominal: block.jitterBufferNominal,
    jb_maximum: block.jitterBufferMaximum,
    jb_abs_max: block.jitterBufferAbsoluteMaximum,
  };
}

/** Each block in short, with its bits summed up. */
function xrJson(block: XrBlock): Json {
  if ('other' in block) return { type: block.blockType, specific: block.specific, data: block.data.toString('hex') };
  switch (block.blockType) {
    case 1:
    case 2: {
      const bits = runLengthBits(block);
      const zeros = bits.filter((bit) => !bit).length;
      return {
        type: block.blockType,
        source_ssrc: block.source,
        begin_seq: block.beginSequence,
        end_seq: block.endSequence,
        thinning: block.thinning,
        packets: bits.length,
        [block.blockType === 1 ? 'lost' : 'duplicated']: zeros,
      };
    }
    case 3:
      return {
        type: 3,
        source_ssrc: block.source,
        begin_seq: block.beginSequence,
        end_seq: block.endSequence,
        thinning: block.thinning,
        receipt_times: block.times,
      };
    case 4:
      return { type: 4, ntp_timestamp_sec: block.ntpSeconds, ntp_timestamp_usec: block.ntpFraction };
    case 5:
      return {
        type: 5,
        entries: block.entries.map((entry) => ({ source_ssrc: entry.source, lrr: entry.lastRr, dlrr: entry.delaySinceLastRr })),
      };
    case 6:
      return {
        type: 6,
        source_ssrc: block.source,
        begin_seq: block.beginSequence,
        end_seq: block.endSequence,
        lost: block.lost,
        duplicated: block.duplicates,
        jitter: block.jitter === null ? null : { ...block.jitter },
        hops: block.hops === null ? null : { ...block.hops },
      };
    case 7:
      return metricsJson(block);
  }
}
