/** The quality of a call's media as `report show` and `call show` print it: lines and JSON for each direction. */
import { printable, type Message, type StoredReport } from '../../base/index.js';
import type { Zone } from '../../base/time/index.js';
import { CallMedia } from './call-media.js';
import { directionsOf, type Direction } from './directions.js';
import { qualityJson } from './quality-points.js';
import { plotLines, type PlotRow } from './sparkline.js';

/** The value of each row, and whether higher is worse. */
const ROWS: readonly PlotRow[] = [
  { name: 'loss %', of: (point) => point.lossPercent, worst: 'highest', digits: 1, top: 5 },
  { name: 'jitter ms', of: (point) => point.jitterMs, worst: 'highest', digits: 1, top: 30 },
  { name: 'RTT ms', of: (point) => point.roundTripMs, worst: 'highest', digits: 0, top: 200 },
  { name: 'MOS', of: (point) => point.mos, worst: 'lowest', digits: 2, top: 4.5 },
];

/** By direction, from the call's (prepared) messages and reports in time order. */
export function callQuality(messages: readonly Message[], reports: readonly StoredReport[]): Direction[] {
  const media = new CallMedia();
  for (const { sip, payload, capturedAt } of messages) if (sip !== null) media.learn(sip, payload, capturedAt);
  return directionsOf(reports, media);
}

export function directionLines({ from, to, points }: Direction, zone: Zone): string[] {
  const clock = ({ capturedAt }: { capturedAt: number }) => zone.text(capturedAt).slice(11, 19);
  return [
    `media ${printable(from)} -> ${printable(to)}, as received: ${points.length} points, ${clock(points[0])} to ${clock(points[points.length - 1])} ${zone.label}`,
    ...ROWS.flatMap((row) => plotLines(row, points, zone)),
  ];
}

export function directionJson({ from, to, points }: Direction) {
  return { from, to, points: points.map((point) => ({ micro_ts: point.capturedAt, ...qualityJson(point) })) };
}
