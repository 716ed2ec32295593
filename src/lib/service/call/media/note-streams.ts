/** Adds RTP statistics to a listed call; its streams are forgotten then. */
import { MOS_UNRELIABLE, ONE_WAY, type Call } from '../../../calls/index.js';
import type { MediaWatch } from '../../../extract/media-watch.js';
import { isOneWay, isUnreliable, lossOf, relateStreams, worstOf } from '../../../media/index.js';

export function noteStreams(media: MediaWatch, call: Call): void {
  if (call.kind !== 'call') return;
  const streams = relateStreams(media.reportsOf(call.callId), call.answeredAt);
  media.release(call.callId);
  if (streams.length === 0) return;
  call.lossPercent = lossOf(streams);
  call.codec = worstOf(streams)?.codec ?? streams[0].codec;
  if (isOneWay(streams)) call.flags |= ONE_WAY;
  if (isUnreliable(streams)) call.flags |= MOS_UNRELIABLE;
  const worst = worstOf(streams);
  if (worst !== null && (call.worstQuality?.mos ?? 9) > worst.mos!)
    call.worstQuality = { lossPercent: worst.lossPercent, jitterMs: worst.jitterMs, roundTripMs: null, mos: worst.mos };
}
