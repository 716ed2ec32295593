/** RTP: packets to streams, streams to calls, and what they sounded like. */
export { isOneWay, lossOf, relateStreams, worstOf } from './call-streams.js';
export { MOS_BUCKETS, MediaTotals, type MediaCounts } from './media-totals.js';
export { reportJson } from './report-json.js';
export { rtpAt } from './rtp-header.js';
export type { RtpStream } from './rtp-stream.js';
export { streamReport, type StreamNote, type StreamReport } from './stream-report.js';
export { streamSchema } from './stream-schema.js';
export { STREAM_LIMITS, StreamTable, type StreamLimits } from './stream-table.js';
export { streamJson, streamLines } from './stream-text.js';
