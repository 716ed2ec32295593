/** RTP: packets to streams, streams to calls, and their quality. */
export { isOneWay, isUnreliable, lossOf, relateStreams, worstOf } from './call-streams.js';
export { FaxTable, type FaxReport } from './fax-table.js';
export { MOS_BUCKETS, MediaTotals, type MediaCounts } from './media-totals.js';
export { reportJson } from './report-json.js';
export type { RtpStream } from './rtp-stream.js';
export { TurnRelays } from './turn.js';
export { rtpPayloadAt } from './rtp-header.js';
export { streamReport, type StreamNote, type StreamReport } from './stream-report.js';
export { faxSchema, streamSchema } from './stream-schema.js';
export { STREAM_LIMITS, StreamTable, type StreamLimits } from './stream-table.js';
export { MediaFramer } from './stream-framing.js';
export { noteSiblings } from './siblings.js';
export { faxJson, faxLine, streamJson, streamLines } from './stream-text.js';
