/** `report show`: the quality of a call over time, for each direction, beside its SIP messages. */
import { printable, EXIT_DONE, EXIT_NOTHING_FOUND, type Environment, type Message } from '../../base/index.js';
import { Zone } from '../../base/time/index.js';
import { callQuality, directionJson, directionLines } from '../../calls/quality/call-quality.js';
import type { Direction } from '../../calls/quality/directions.js';
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
  const directions = callQuality(messages, reports);
  env.stdout.write(
    format === 'json'
      ? `${JSON.stringify(asJson(callId, messages, directions, reports.length))}\n`
      : asText(callId, messages, directions, reports.length, shownZone),
  );
  if (exitCode !== EXIT_DONE) return exitCode;
  return messages.length === 0 && reports.length === 0 ? EXIT_NOTHING_FOUND : EXIT_DONE;
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
  for (const direction of directions) lines.push('', ...directionLines(direction, zone));
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
    directions: directions.map(directionJson),
  };
}
