/** RTCP from the wire and from other senders, to records and to Homer's JSON. */
export { decodeRtcp, looksLikeRtcp } from './compound.js';
export { looksEncrypted } from './encrypted.js';
export { NOTHING_KNOWN, encryptedJson, homerJson, type Json, type MediaKnowledge } from './homer-json.js';
export type * from './packets.js';
export { impairmentOf, mosOf, qualityOf, qualityOfLoss, rFactor, round, type Impairment, type Quality } from './quality.js';
export { RoundTrips } from './round-trip.js';
export { readRtpStat, type RtpStat } from './rtp-stat.js';
export { readRtcpJson, type RtcpRecord } from './sender-json.js';
export { readVqReport, vqNumber, type VqMetrics, type VqReport } from './vq-rtcpxr.js';
