/** A short summary of a report, for tables. */
import { cutTo, printable } from '../../base/index.js';
import { qualityPoints, type QualityPoint } from './quality-points.js';

const MAX_COLUMNS = 60;
/** Enough bytes for that many characters. */
const MAX_BYTES = 4 * MAX_COLUMNS;

export function summaryOf(payloadType: number, payload: Buffer): string {
  const points = qualityPoints(payloadType, payload);
  if (points.length > 0)
    return (
      points
        .map(pointText)
        .filter((text) => text !== '')
        .join('; ') || `${payload.length} bytes`
    );
  const text = printable(payload.subarray(0, MAX_BYTES).toString('utf8')).trim();
  return cutTo(text, MAX_COLUMNS);
}

export function pointText({ lossPercent, jitterMs, roundTripMs, mos }: QualityPoint): string {
  const parts: string[] = [];
  if (lossPercent !== null) parts.push(`loss ${lossPercent.toFixed(1)} %`);
  if (jitterMs !== null) parts.push(`jitter ${jitterMs.toFixed(1)} ms`);
  if (roundTripMs !== null) parts.push(`round trip ${roundTripMs.toFixed(0)} ms`);
  if (mos !== null) parts.push(`MOS ${mos.toFixed(2)}`);
  return parts.join(', ');
}
