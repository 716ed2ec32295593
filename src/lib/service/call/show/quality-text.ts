/** The quality of a call's media below its ladder: from reports, per direction over time, and from headers of messages. */
import { printable, type Message } from '../../../base/index.js';
import type { Zone } from '../../../base/time/index.js';
import { callQuality, directionJson, directionLines } from '../../../calls/quality/call-quality.js';
import type { Direction } from '../../../calls/quality/directions.js';
import { qualityJson, statPoint, type QualityPoint } from '../../../calls/quality/quality-points.js';
import { pointText } from '../../../calls/quality/summary.js';
import { faxLine, streamLines } from '../../../media/index.js';
import { reportOfMessage } from '../../../store/read/index.js';
import type { FoundCall } from './find-calls.js';

/** Measured values first, then those of messages and reports. */
export function qualityText(found: FoundCall, times: Zone): string {
  const { length } = found.reports;
  const ofReports = directions(found);
  const lines = (found.streams ?? []).flatMap((stream) => streamLines(stream, found.calls[0].startedAt, times));
  lines.push(...(found.faxes ?? []).map((fax) => faxLine(fax, found.calls[0].startedAt)));
  if (found.hasFax === true && found.faxes?.length === 0) lines.push('T.38 fax announced: none of its packets were captured');
  for (const { message, point } of headerPoints(found))
    lines.push(
      `${times.text(message.capturedAt).slice(11, 19)} reported by ${printable(message.sourceAddress)} in its ${wordsOf(message)}: ${pointText(point)}`,
    );
  if (length > 0)
    lines.push(`${length === 1 ? '1 report' : `${length} reports`}${ofReports.length > 0 ? '' : ', none has quality figures'}`);
  for (const direction of ofReports) lines.push(...directionLines(direction, times));
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

/** Members beside those of the ladder. */
export function qualityJsonOf(found: FoundCall): Record<string, unknown> {
  return {
    reports: found.reports.length,
    quality: directions(found).map(directionJson),
    header_quality: headerPoints(found).map(({ message, point }) => ({
      micro_ts: message.capturedAt,
      source_ip: message.sourceAddress,
      callid: message.sip!.callId,
      what: message.sip!.method,
      ...qualityJson(point),
    })),
  };
}

function directions({ messages, reports }: FoundCall): Direction[] {
  return callQuality(messages, reports.map(reportOfMessage));
}

/** X-RTP-Stat, P-RTP-Stat: media received by the sender of the message. */
function headerPoints({ messages }: FoundCall): { message: Message; point: QualityPoint }[] {
  return messages.flatMap((message) => {
    const { rtpStat } = message.sip!;
    const point = rtpStat === '' ? null : statPoint(rtpStat);
    return point === null ? [] : [{ message, point }];
  });
}

function wordsOf({ sip }: Message): string {
  return printable(`${sip!.method} ${sip!.replyReason}`.trim());
}
