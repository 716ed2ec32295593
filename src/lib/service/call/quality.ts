/** The worst quality in the reports of a call. */
import type { Message } from '../../base/index.js';
import type { CallIndex } from '../../calls/index.js';
import { qualityPoints } from '../../calls/quality/quality-points.js';

export function noteQuality(index: CallIndex, { payloadType, payload, correlationId }: Message): void {
  const call = index.find(correlationId);
  if (call === undefined) return;
  for (const point of qualityPoints(payloadType, payload))
    if (point.mos !== null && (call.worstQuality?.mos ?? 9) > point.mos) call.worstQuality = point;
}
