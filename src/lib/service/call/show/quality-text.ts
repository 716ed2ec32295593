/** The quality of a call's media below its ladder. */
import { printable, timeText } from '../../../base/index.js';
import type { Direction } from '../../../calls/quality/directions.js';
import { qualityJson } from '../../../calls/quality/quality-points.js';
import { plotLines, type PlotRow } from '../../../calls/quality/sparkline.js';
import { reportOfMessage } from '../../../store/read/index.js';
import { qualityOf } from '../../report/show.js';
import type { FoundCall } from './find-calls.js';

const ROWS: readonly PlotRow[] = [
  { name: 'loss %', of: (point) => point.lossPercent, worst: 'highest', digits: 1, top: 5 },
  { name: 'jitter ms', of: (point) => point.jitterMs, worst: 'highest', digits: 1, top: 30 },
  { name: 'RTT ms', of: (point) => point.roundTripMs, worst: 'highest', digits: 0, top: 200 },
  { name: 'MOS', of: (point) => point.mos, worst: 'lowest', digits: 2, top: 4.5 },
];

export function qualityText(found: FoundCall): string {
  const lines: string[] = [];
  for (const { from, to, points } of directions(found)) {
    const [first, last] = [points[0], points[points.length - 1]];
    lines.push(
      `media ${printable(from)} -> ${printable(to)}, as received: ${points.length} points, ${timeText(first.capturedAt).slice(11, 19)} to ${timeText(last.capturedAt).slice(11, 19)} UTC`,
    );
    for (const row of ROWS) lines.push(...plotLines(row, points));
  }
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

export function qualityJsonOf(found: FoundCall): unknown[] {
  return directions(found).map(({ from, to, points }) => ({
    from,
    to,
    points: points.map((point) => ({ micro_ts: point.capturedAt, ...qualityJson(point) })),
  }));
}

function directions({ messages, reports }: FoundCall): Direction[] {
  return qualityOf(messages, reports.map(reportOfMessage));
}
