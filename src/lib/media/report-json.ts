/**
 * A stream as a report that is stored and sent (payload type 34): the members of our RTCP reports, as if the capture point
 * were the receiver, and all statistics of the stream as `rtp`.
 */
import type { StreamReport } from './stream-report.js';
import { streamJson } from './stream-text.js';

const MAX_FRACTION = 255;
/** Of the signed 24 bits that RTCP has for it. */
const MAX_LOST = 0x7fffff;

export function reportJson(report: StreamReport): Record<string, unknown> {
  const { ssrc, lossPercent, lost, highestSequence, jitterMs, clockRate, rFactor, mos } = report;
  return {
    ssrc,
    type: 34,
    report_count: 1,
    report_blocks: [
      {
        source_ssrc: ssrc,
        fraction_lost: Math.min(MAX_FRACTION, Math.floor((lossPercent * 256) / 100)),
        packets_lost: Math.min(MAX_LOST, lost),
        highest_seq_no: highestSequence,
        ia_jitter: jitterMs === null ? 0 : Math.round((jitterMs * clockRate) / 1000),
        lsr: 0,
        dlsr: 0,
        loss_percent: lossPercent,
        jitter_ms: jitterMs,
        round_trip_ms: null,
        r_factor: rFactor,
        mos,
      },
    ],
    rtp: streamJson(report),
  };
}
