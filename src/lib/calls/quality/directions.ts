/**
 * The quality of a call's media, by direction. A report describes how media arrived at the reporter, so its direction is from
 * the receiver of the report to its sender; text reports and those of rtpagent name the media endpoints themselves.
 */
import { PAYLOAD_RTCP, PAYLOAD_RTP_AGENT, PAYLOAD_VQ, endpointText, isFault, type StoredReport } from '../../base/index.js';
import { readRtcpJson, readVqReport, type VqMetrics } from '../../sip/index.js';
import type { CallMedia } from './call-media.js';
import { qualityPoints, vqPoint, type QualityPoint } from './quality-points.js';

export interface TimedPoint extends QualityPoint {
  capturedAt: number;
}

export interface Direction {
  from: string;
  to: string;
  points: TimedPoint[];
}

interface Ends {
  from: string;
  to: string;
}

/** Reports in the order of their times. */
export function directionsOf(reports: readonly StoredReport[], media: CallMedia): Direction[] {
  const directions = new Map<string, Direction>();
  const add = ({ from, to }: Ends, capturedAt: number, points: readonly QualityPoint[]) => {
    if (points.length === 0) return;
    const key = `${from} ${to}`;
    const direction = directions.get(key) ?? { from, to, points: [] };
    for (const point of points) direction.points.push({ capturedAt, ...point });
    directions.set(key, direction);
  };
  for (const report of reports) {
    const { payloadType, payload, capturedAt } = report;
    if (payloadType === PAYLOAD_VQ) {
      addVoiceQuality(report, add);
      continue;
    }
    const call =
      media.media.find(report.sourceAddress, report.sourcePort, report.destinationAddress, report.destinationPort, capturedAt) ??
      media.media.onlyMedia(report.correlationId);
    add(
      payloadType === PAYLOAD_RTP_AGENT ? agentEnds(report) : endsOf(report),
      capturedAt,
      qualityPoints(payloadType, payload, media.knowledge(call, capturedAt)),
    );
    if (payloadType === PAYLOAD_RTCP) noteSenders(report, media);
  }
  return [...directions.values()];
}

/** When sender reports passed, which later reports refer to. */
function noteSenders({ payload, capturedAt }: StoredReport, media: CallMedia): void {
  const records = readRtcpJson(payload.toString('utf8'));
  if (isFault(records)) return;
  for (const { ssrc, sender } of records)
    if (sender !== null) media.roundTrips.noteSender(ssrc, sender.ntpSeconds, sender.ntpFraction, capturedAt);
}

function endsOf(report: StoredReport): Ends {
  return {
    from: endpointText(report.destinationAddress, report.destinationPort),
    to: endpointText(report.sourceAddress, report.sourcePort),
  };
}

/** RFC 6035: the local metrics describe what the reporter received, the remote ones what it sent. */
function addVoiceQuality(report: StoredReport, add: (ends: Ends, capturedAt: number, points: readonly QualityPoint[]) => void): void {
  const read = readVqReport(report.payload.toString('utf8'));
  if (read === null) return;
  const ends = endsOf(report);
  const local = addressIn(read.lines.LocalAddr) ?? ends.to;
  const remote = addressIn(read.lines.RemoteAddr) ?? ends.from;
  add({ from: remote, to: local }, report.capturedAt, saying(read.local));
  add({ from: local, to: remote }, report.capturedAt, saying(read.remote));
}

function saying(metrics: VqMetrics): QualityPoint[] {
  const point = vqPoint(metrics);
  return Object.values(point).some((value) => value !== null) ? [point] : [];
}

/** `IP=192.0.2.1 PORT=4000 SSRC=1234abcd`. */
function addressIn(line: string | undefined): string | null {
  const match = /\bIP=(\S+).*?\bPORT=(\d+)/i.exec(line ?? '');
  return match === null ? null : endpointText(match[1], Number(match[2]));
}

/** rtpagent and sipcap observe the media itself: the endpoints of the report are those of the media. */
function agentEnds(report: StoredReport): Ends {
  try {
    const json = JSON.parse(report.payload.toString('utf8')) as Record<string, unknown> | null;
    const { SRC_IP: source, SRC_PORT: sourcePort, DST_IP: destination, DST_PORT: destinationPort } = json ?? {};
    if (typeof source === 'string' && typeof destination === 'string')
      return { from: endpointText(source, Number(sourcePort ?? 0)), to: endpointText(destination, Number(destinationPort ?? 0)) };
    if (json?.report_blocks !== undefined)
      return {
        from: endpointText(report.sourceAddress, report.sourcePort),
        to: endpointText(report.destinationAddress, report.destinationPort),
      };
  } catch {
    // Not JSON: then it has no points either.
  }
  return endsOf(report);
}
