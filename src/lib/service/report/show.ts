/** `report show`: the quality of a call over time, for each direction, beside its SIP messages. */
import { printable, EXIT_DONE, EXIT_NOTHING_FOUND, type Environment, type Message, type StoredReport } from '../../base/index.js';
import { Zone } from '../../base/time/index.js';
import { CallMedia } from '../../calls/quality/call-media.js';
import { directionsOf, type Direction } from '../../calls/quality/directions.js';
import { plotLines, type PlotRow } from '../../calls/quality/sparkline.js';
import { qualityJson, statPoint } from '../../calls/quality/quality-points.js';
import { pointText } from '../../calls/quality/summary.js';
import { chosenSource, type SourceChoice } from '../source-choice.js';
import { collect } from './collected.js';

export interface ReportShowOptions {
  source: SourceChoice;
  /** Tables of reports and of SIP; '' for whatever there is. */
  table: string;
  sipTable: string;
  callId: string;
  format: 'text' | 'json';
  /** In which text shows times; '' for the local one. */
  zone: string;
}

const MAX_REPORTS = 10_000;
const MAX_MESSAGES = 500;
/** What each row shows, and whether more is worse. */
const ROWS: readonly PlotRow[] = [
  { name: 'loss %', of: (point) => point.lossPercent, worst: 'highest', digits: 1, top: 5 },
  { name: 'jitter ms', of: (point) => point.jitterMs, worst: 'highest', digits: 1, top: 30 },
  { name: 'RTT ms', of: (point) => point.roundTripMs, worst: 'highest', digits: 0, top: 200 },
  { name: 'MOS', of: (point) => point.mos, worst: 'lowest', digits: 2, top: 4.5 },
];

export async function reportShow(options: ReportShowOptions, env: Environment): Promise<number> {
  const { callId, zone, format } = options;
  const shownZone = new Zone(zone);
  const query = { since: null, until: null, condition: { kind: 'is', field: 'callId', values: [callId] } } as const;
  const database = { table: options.sipTable, tableIsOptional: true, wanted: { query }, reportTable: options.table };
  const { messages, reports, exitCode } = await collect(
    {
      source: chosenSource(options.source, database, true, env),
      durationSeconds: options.source.durationSeconds,
      fromDatabase: options.source.db !== '',
      wantsMessage: ({ sip }) => sip!.callId === callId,
      wantsReport: ({ correlationId }) => correlationId === callId,
      maxMessages: MAX_MESSAGES,
      maxReports: MAX_REPORTS,
    },
    env,
  );
  const directions = qualityOf(messages, reports);
  env.stdout.write(
    format === 'json'
      ? `${JSON.stringify(asJson(callId, messages, directions, reports.length))}\n`
      : asText(callId, messages, directions, reports.length, shownZone),
  );
  if (exitCode !== EXIT_DONE) return exitCode;
  return messages.length === 0 && reports.length === 0 ? EXIT_NOTHING_FOUND : EXIT_DONE;
}

/** The quality of a call's media by direction, out of its messages and reports in the order of their times. */
export function qualityOf(messages: readonly Message[], reports: readonly StoredReport[]): Direction[] {
  const media = new CallMedia();
  for (const { payload, capturedAt } of messages) media.learn(payload, capturedAt);
  return directionsOf(reports, media);
}

function asText(callId: string, messages: readonly Message[], directions: readonly Direction[], reports: number, zone: Zone): string {
  const lines = [
    `call ${printable(callId)}: ${counted(messages.length, MAX_MESSAGES, 'first', 'messages')}, ${counted(reports, MAX_REPORTS, 'last', 'reports')}`,
  ];
  for (const { capturedAt, sip, sourceAddress, destinationAddress } of messages) {
    const { method, replyReason, rtpStat } = sip!;
    lines.push(
      `  ${zone.text(capturedAt)}  ${printable(`${method} ${replyReason}`.trim()).padEnd(24)} ${sourceAddress} -> ${destinationAddress}`,
    );
    // X-RTP-Stat, P-RTP-Stat: what the sender of this message received.
    const stat = rtpStat === '' ? null : statPoint(rtpStat);
    if (stat !== null) lines.push(`      reported by ${sourceAddress}: ${pointText(stat)}`);
  }
  if (directions.length === 0) lines.push('no report has quality figures');
  for (const { from, to, points } of directions) {
    lines.push(
      '',
      `media ${printable(from)} -> ${printable(to)}, as received: ${points.length} points, ${zone.text(points[0].capturedAt).slice(11, 19)} to ${zone.text(points[points.length - 1].capturedAt).slice(11, 19)} ${zone.label}`,
    );
    for (const row of ROWS) lines.push(...plotLines(row, points));
  }
  return `${lines.join('\n')}\n`;
}

function counted(count: number, max: number, which: string, what: string): string {
  return count < max ? `${count} ${what}` : `the ${which} ${count} ${what}`;
}

function asJson(callId: string, messages: readonly Message[], directions: readonly Direction[], reports: number) {
  return {
    callid: callId,
    reports,
    messages: messages.map(({ capturedAt, sip, sourceAddress, destinationAddress }) => {
      const { method, replyReason, rtpStat } = sip!;
      const stat = rtpStat === '' ? null : statPoint(rtpStat);
      return {
        micro_ts: capturedAt,
        method,
        reply_reason: replyReason,
        source_ip: sourceAddress,
        destination_ip: destinationAddress,
        rtp_stat: stat === null ? null : qualityJson(stat),
      };
    }),
    directions: directions.map(({ from, to, points }) => ({
      from,
      to,
      points: points.map((point) => ({ micro_ts: point.capturedAt, ...qualityJson(point) })),
    })),
  };
}
