/** What a report says of quality, out of any of the shapes in which it may come; and in a few words. */
import { isFault } from '../../base/index.js';
import { mosOf, qualityOf, readRtcpJson, readRtpStat, readVqReport, vqNumber } from '../../sip/index.js';

/** Null where the report does not say. */
export interface QualityPoint {
  lossPercent: number | null;
  jitterMs: number | null;
  roundTripMs: number | null;
  mos: number | null;
}

/** As JSON has it. */
export function qualityJson({ lossPercent, jitterMs, roundTripMs, mos }: QualityPoint): Record<string, number | null> {
  return { loss_percent: lossPercent, jitter_ms: jitterMs, round_trip_ms: roundTripMs, mos };
}

const RTCP = 5;
const VQ = 35;
const MOST_CHARACTERS = 60;

/** One point for each report block or report; empty where it says nothing of quality. */
export function qualityPoints(payloadType: number, payload: Buffer): QualityPoint[] {
  const text = payload.toString('utf8');
  if (payloadType === VQ || text.startsWith('VQ')) return vqPoints(text);
  if (payloadType === RTCP) return rtcpPoints(text);
  if (payloadType === 34) return agentPoints(text);
  return [];
}

/** The words for a table. */
export function summaryOf(payloadType: number, payload: Buffer): string {
  const points = qualityPoints(payloadType, payload);
  if (points.length > 0) return points.map(pointText).filter((text) => text !== '').join('; ') || `${payload.length} bytes`;
  // eslint-disable-next-line no-control-regex
  const text = payload.toString('utf8').replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ').trim();
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS - 1)}…` : text;
}

export function pointText({ lossPercent, jitterMs, roundTripMs, mos }: QualityPoint): string {
  const parts: string[] = [];
  if (lossPercent !== null) parts.push(`loss ${lossPercent.toFixed(1)} %`);
  if (jitterMs !== null) parts.push(`jitter ${jitterMs.toFixed(1)} ms`);
  if (roundTripMs !== null) parts.push(`round trip ${roundTripMs.toFixed(0)} ms`);
  if (mos !== null) parts.push(`MOS ${mos.toFixed(2)}`);
  return parts.join(', ');
}

/** Our own members where they are there, else what follows from those that everybody writes. */
function rtcpPoints(text: string): QualityPoint[] {
  const own = ownBlocks(text);
  if (own !== null) return own;
  const records = readRtcpJson(text);
  if (isFault(records)) return [];
  return records.flatMap(({ blocks, mos, xr }) => blocks.map((block) => ({
    lossPercent: (block.fractionLost * 100) / 256,
    // Without the codec's clock units are no milliseconds.
    jitterMs: null,
    roundTripMs: xr.round_trip_delay ?? null,
    mos: mos ?? qualityOf(block, null, null, '').mos,
  })));
}

function ownBlocks(text: string): QualityPoint[] | null {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return null;
  }
  const blocks = (json as { report_blocks?: unknown }).report_blocks;
  if (!Array.isArray(blocks) || blocks.length === 0 || !blocks.every((block) => typeof block === 'object' && block !== null && 'loss_percent' in block)) return null;
  const number = (value: unknown) => (typeof value === 'number' ? value : null);
  return (blocks as Record<string, unknown>[]).map((block) => ({
    lossPercent: number(block.loss_percent), jitterMs: number(block.jitter_ms), roundTripMs: number(block.round_trip_ms), mos: number(block.mos),
  }));
}

/** RFC 6035: what the reporter itself received. */
function vqPoints(text: string): QualityPoint[] {
  const report = readVqReport(text);
  if (report === null) return [];
  const at = (key: string) => vqNumber(report.local, key);
  return [{ lossPercent: at('NLR'), jitterMs: at('IAJ'), roundTripMs: at('RTD'), mos: at('MOSCQ') ?? at('MOSLQ') }];
}

/** rtpagent's JSON. */
function agentPoints(text: string): QualityPoint[] {
  try {
    const json = JSON.parse(text) as Record<string, unknown>;
    const number = (name: string) => (json[name] === undefined || Number.isNaN(Number(json[name])) ? null : Number(json[name]));
    const lost = number('PACKET_LOSS');
    const expected = number('EXPECTED_PK');
    return [{ lossPercent: lost === null || !expected ? null : (lost * 100) / expected, jitterMs: number('MEAN_JITTER') ?? number('JITTER'), roundTripMs: null, mos: number('MEAN_MOS') ?? number('MOS') }];
  } catch {
    return [];
  }
}

/** X-RTP-Stat and P-RTP-Stat of a BYE or its reply; MOS by its loss and delay. */
export function statPoint(header: string): QualityPoint | null {
  const stat = readRtpStat(header);
  if (stat.lossPercent === null && stat.jitterMs === null) return null;
  const loss = stat.lossPercent ?? 0;
  const r = 93.2 - (95 * loss) / (loss + 25.1);
  return { lossPercent: stat.lossPercent, jitterMs: stat.jitterMs, roundTripMs: stat.delayMs, mos: Math.round(mosOf(r) * 100) / 100 };
}
