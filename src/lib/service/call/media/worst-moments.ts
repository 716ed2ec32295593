/** When the media of a call were worst, as marks on the time axis of its ladder. */
import type { LadderMark } from '../../../calls/index.js';
import type { StreamReport } from '../../../media/index.js';

/** Of one ladder. */
const MAX_MARKS = 8;
const MIN_LOSS_PERCENT = 1;
/** More than a usual jitter buffer holds. */
const MIN_JITTER_MS = 60;

export function worstMoments(streams: readonly StreamReport[]): LadderMark[] {
  return streams
    .flatMap((stream) => markOf(stream) ?? [])
    .sort((a, b) => b.badness - a.badness)
    .slice(0, MAX_MARKS)
    .sort((a, b) => a.at - b.at)
    .map(({ at, text }) => ({ at, text }));
}

function markOf({ moments, maxJitterMs, maxJitterAt, source, destination }: StreamReport): (LadderMark & { badness: number }) | null {
  const name = `RTP ${source} → ${destination}`;
  const worst = moments.reduce((a, b) => (b.lossPercent > a.lossPercent ? b : a), moments[0]);
  if (worst !== undefined && worst.lossPercent >= MIN_LOSS_PERCENT) {
    const mos = worst.mos === null ? '' : `, MOS ${worst.mos.toFixed(2)}`;
    return { at: worst.from, text: `${name}: ${worst.lossPercent.toFixed(1)} % lost${mos}`, badness: worst.lossPercent };
  }
  if (maxJitterMs === null || maxJitterMs < MIN_JITTER_MS) return null;
  return { at: maxJitterAt, text: `${name}: jitter ${maxJitterMs.toFixed(1)} ms`, badness: MIN_LOSS_PERCENT };
}
