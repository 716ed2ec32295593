/** Quality values from a report in any of its formats. */
import { PAYLOAD_RTCP, PAYLOAD_RTP_AGENT, PAYLOAD_VQ, isFault } from '../../base/index.js';
import {
  NOTHING_KNOWN,
  qualityOf,
  readRtcpJson,
  readRtpStat,
  readVqReport,
  vqNumber,
  type MediaKnowledge,
  type RtcpRecord,
  type VqMetrics,
} from '../../sip/index.js';

/** Null if not in the report. */
export interface QualityPoint {
  lossPercent: number | null;
  jitterMs: number | null;
  roundTripMs: number | null;
  mos: number | null;
}

/** One point per report block or report; empty if it has no quality values. Completed by what is known about the call. */
export function qualityPoints(payloadType: number, payload: Buffer, known: MediaKnowledge = NOTHING_KNOWN): QualityPoint[] {
  const text = payload.toString('utf8');
  if (payloadType === PAYLOAD_VQ || text.startsWith('VQ')) return vqPoints(text);
  if (payloadType === PAYLOAD_RTCP) return rtcpPoints(text, known);
  if (payloadType === PAYLOAD_RTP_AGENT) return ownBlocks(text) ?? agentPoints(text);
  return [];
}

/** As JSON has it. */
export function qualityJson({ lossPercent, jitterMs, roundTripMs, mos }: QualityPoint): Record<string, number | null> {
  return { loss_percent: lossPercent, jitter_ms: jitterMs, round_trip_ms: roundTripMs, mos };
}

/** Our own members if present, else values derived from the common ones. */
function rtcpPoints(text: string, known: MediaKnowledge): QualityPoint[] {
  const own = ownBlocks(text);
  if (own !== null) return own;
  const records = readRtcpJson(text);
  if (isFault(records)) return [];
  return records.flatMap((record) => (record.blocks.length > 0 ? blockPoints(record, known) : metricsPoint(record, known)));
}

function blockPoints({ blocks, mos, xr }: RtcpRecord, known: MediaKnowledge): QualityPoint[] {
  return blocks.map((block) => {
    const jitterMs = known.clockRate > 0 ? (block.jitter * 1000) / known.clockRate : null;
    const roundTripMs = delayOf(xr) ?? known.roundTripMs(block);
    return {
      lossPercent: (block.fractionLost * 100) / 256,
      jitterMs,
      roundTripMs,
      mos: mos ?? qualityOf(block, jitterMs, roundTripMs, known.codec).mos,
    };
  });
}

/** VoIP metrics alone (RFC 3611 section 4.7): the loss rate is of 256. */
function metricsPoint({ mos, xr }: RtcpRecord, known: MediaKnowledge): QualityPoint[] {
  if (xr.fraction_lost === undefined) return [];
  const roundTripMs = delayOf(xr);
  return [
    {
      lossPercent: (xr.fraction_lost * 100) / 256,
      jitterMs: null,
      roundTripMs,
      mos: mos ?? qualityOf({ fractionLost: xr.fraction_lost }, null, roundTripMs, known.codec).mos,
    },
  ];
}

/** Senders fill what they do not know with 0. */
function delayOf(xr: Record<string, number>): number | null {
  return xr.round_trip_delay > 0 ? xr.round_trip_delay : null;
}

function ownBlocks(text: string): QualityPoint[] | null {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof json !== 'object' || json === null) return null;
  const blocks = (json as { report_blocks?: unknown }).report_blocks;
  if (
    !Array.isArray(blocks) ||
    blocks.length === 0 ||
    !blocks.every((block) => typeof block === 'object' && block !== null && 'loss_percent' in block)
  )
    return null;
  const number = (value: unknown) => (typeof value === 'number' ? value : null);
  return (blocks as Record<string, unknown>[]).map((block) => ({
    lossPercent: number(block.loss_percent),
    jitterMs: number(block.jitter_ms),
    roundTripMs: number(block.round_trip_ms),
    mos: number(block.mos),
  }));
}

/** RFC 6035: what the reporter itself received. */
function vqPoints(text: string): QualityPoint[] {
  const report = readVqReport(text);
  return report === null ? [] : [vqPoint(report.local)];
}

export function vqPoint(metrics: VqMetrics): QualityPoint {
  const at = (key: string) => vqNumber(metrics, key);
  return { lossPercent: at('NLR'), jitterMs: at('IAJ'), roundTripMs: at('RTD'), mos: mosOr(at('MOSCQ')) ?? mosOr(at('MOSLQ')) };
}

/** 127 (unavailable) and other special values would become numbers that are not scores. */
function mosOr(mos: number | null): number | null {
  return mos !== null && mos >= 1 && mos <= 5 ? mos : null;
}

/** rtpagent's JSON. */
function agentPoints(text: string): QualityPoint[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return [];
  }
  if (typeof json !== 'object' || json === null) return [];
  const members = json as Record<string, unknown>;
  const number = (name: string) =>
    members[name] === undefined || members[name] === null || members[name] === '' || Number.isNaN(Number(members[name]))
      ? null
      : Number(members[name]);
  const lost = number('PACKET_LOSS');
  const expected = number('EXPECTED_PK');
  const point = {
    lossPercent: lost === null || !expected ? null : (lost * 100) / expected,
    jitterMs: number('MEAN_JITTER') ?? number('JITTER'),
    roundTripMs: null,
    mos: number('MEAN_MOS') ?? number('MOS'),
  };
  return point.lossPercent === null && point.jitterMs === null && point.mos === null ? [] : [point];
}

/** X-RTP-Stat and P-RTP-Stat of a BYE or its reply. */
export function statPoint(header: string): QualityPoint | null {
  const { lossPercent, jitterMs, delayMs, values } = readRtpStat(header);
  if (lossPercent === null && jitterMs === null) return null;
  const codec = (values.EN ?? '').split(',')[0];
  return {
    lossPercent,
    jitterMs,
    roundTripMs: delayMs,
    mos: qualityOf({ fractionLost: (lossPercent ?? 0) * 2.56 }, jitterMs, delayMs, codec).mos,
  };
}
