/** The quality of a call's media below its ladder. */
import { Zone } from '../../../base/time/index.js';
import { callQuality, directionJson, directionLines } from '../../../calls/quality/call-quality.js';
import type { Direction } from '../../../calls/quality/directions.js';
import { reportOfMessage } from '../../../store/read/index.js';
import type { FoundCall } from './find-calls.js';

export function qualityText(found: FoundCall): string {
  const zone = new Zone('UTC');
  const lines = directions(found).flatMap((direction) => directionLines(direction, zone));
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

export function qualityJsonOf(found: FoundCall): unknown[] {
  return directions(found).map(directionJson);
}

function directions({ messages, reports }: FoundCall): Direction[] {
  return callQuality(messages, reports.map(reportOfMessage));
}
