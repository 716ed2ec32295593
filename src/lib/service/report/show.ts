/** `report show`: the quality of a call over time, for each direction, beside its SIP messages. */
import { printable, timeText, EXIT_DONE, type StoredMessage, type Environment } from '../../base/index.js';
import { findCall, findReports, loadStore } from '../../store/index.js';
import { CallMedia } from '../../calls/quality/call-media.js';
import { directionsOf, type Direction } from '../../calls/quality/directions.js';
import { plotLines, type PlotRow } from '../../calls/quality/sparkline.js';
import { qualityJson, statPoint } from '../../calls/quality/quality-points.js';
import { pointText } from '../../calls/quality/summary.js';

export interface ReportShowOptions {
  db: string;
  table: string;
  sipTable: string;
  callId: string;
  format: 'text' | 'json';
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
  const store = await loadStore(options.db, { log: env.log, clock: env.clock, access: 'read' });
  await store.open();
  try {
    const session = await store.connected();
    const reports = await findReports(session, options.table, {
      correlationId: options.callId,
      payloadType: -1,
      from: '',
      to: '',
      limit: MAX_REPORTS,
    });
    const messages = await findCall(session, options.sipTable, options.callId, MAX_MESSAGES);
    const media = new CallMedia();
    for (const { payload, capturedAt } of messages) media.learn(payload, capturedAt);
    const directions = directionsOf(reports, media);
    env.stdout.write(
      options.format === 'json'
        ? `${JSON.stringify(asJson(options.callId, messages, directions, reports.length))}\n`
        : asText(options.callId, messages, directions, reports.length),
    );
  } finally {
    await store.close();
  }
  return EXIT_DONE;
}

function asText(callId: string, messages: readonly StoredMessage[], directions: readonly Direction[], reports: number): string {
  const lines = [
    `call ${printable(callId)}: ${counted(messages.length, MAX_MESSAGES, 'first', 'messages')}, ${counted(reports, MAX_REPORTS, 'last', 'reports')}`,
  ];
  for (const { capturedAt, method, replyReason, sourceAddress, destinationAddress, rtpStat } of messages) {
    lines.push(
      `  ${timeText(capturedAt)}  ${printable(`${method} ${replyReason}`.trim()).padEnd(24)} ${sourceAddress} -> ${destinationAddress}`,
    );
    // X-RTP-Stat, P-RTP-Stat: what the sender of this message received.
    const stat = rtpStat === '' ? null : statPoint(rtpStat);
    if (stat !== null) lines.push(`      ${sourceAddress} says: ${pointText(stat)}`);
  }
  if (directions.length === 0) lines.push('no report says anything of quality');
  for (const { from, to, points } of directions) {
    lines.push(
      '',
      `media ${printable(from)} -> ${printable(to)}, as received: ${points.length} points, ${timeText(points[0].capturedAt).slice(11, 19)} to ${timeText(points[points.length - 1].capturedAt).slice(11, 19)} UTC`,
    );
    for (const row of ROWS) lines.push(...plotLines(row, points));
  }
  return `${lines.join('\n')}\n`;
}

function counted(count: number, most: number, which: string, what: string): string {
  return count < most ? `${count} ${what}` : `the ${which} ${count} ${what}`;
}

function asJson(callId: string, messages: readonly StoredMessage[], directions: readonly Direction[], reports: number) {
  return {
    callid: callId,
    reports,
    messages: messages.map(({ capturedAt, method, replyReason, sourceAddress, destinationAddress, rtpStat }) => {
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
