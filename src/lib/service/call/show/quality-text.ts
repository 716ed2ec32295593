/** The quality of a call's media below its ladder. */
import { Zone } from '../../../base/time/index.js';
import { callQuality, directionJson, directionLines } from '../../../calls/quality/call-quality.js';
import type { Direction } from '../../../calls/quality/directions.js';
import { streamLines } from '../../../media/index.js';
import { reportOfMessage } from '../../../store/read/index.js';
import type { FoundCall } from './find-calls.js';

/** What was measured of the media, then what the reports say. */
export function qualityText(found: FoundCall): string {
  const zone = new Zone('UTC');
  const lines = (found.streams ?? []).flatMap((stream) => streamLines(stream, found.calls[0].startedAt, zone));
  if (found.hasFax === true) lines.push('T.38 fax was announced: its packets are not RTP and are not measured');
  for (const direction of directions(found)) lines.push(...directionLines(direction, zone));
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

export function qualityJsonOf(found: FoundCall): unknown[] {
  return directions(found).map(directionJson);
}

function directions({ messages, reports }: FoundCall): Direction[] {
  return callQuality(messages, reports.map(reportOfMessage));
}
