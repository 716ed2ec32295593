/** The states of a call or another group of messages, and the flags for anomalies. */

export const CALL_STATES = [
  'trying',
  'proceeding',
  'ringing',
  'challenged',
  'redirected',
  'answered',
  'in-call',
  'ended',
  'lost',
  'cancelled',
  'busy',
  'declined',
  'unavailable',
  'not-found',
  'failed',
  'timeout',
  'no-answer',
  'partial',
  'registered',
  'removed',
  'subscribed',
  'terminated',
  'succeeded',
] as const;

export type CallState = (typeof CALL_STATES)[number];

/** In the order of their bits. */
export const CALL_FLAGS = [
  'no-ack',
  'no-bye',
  'cancel-race',
  'bye-glare',
  'glare',
  'forked',
  'transferred',
  'reinvite-failed',
  'early-media',
  'reused',
  'clock',
  'cut',
  'began-earlier',
  'unfinished',
  'partial',
  'one-way',
  'mos-unreliable',
] as const;

export type CallFlag = (typeof CALL_FLAGS)[number];

/** A 2xx to INVITE without its ACK. */
export const NO_ACK = 1 << 0;
/** In conversation to the end of the data: still up, or its BYE was not captured. */
export const NO_BYE = 1 << 1;
/** CANCEL and 2xx crossed: the call was answered (RFC 3261 section 9.1). */
export const CANCEL_RACE = 1 << 2;
/** Both sides sent BYE. */
export const BYE_GLARE = 1 << 3;
/** 491: both sides sent re-INVITE. */
export const GLARE = 1 << 4;
/** More than one To tag rang or answered. */
export const FORKED = 1 << 5;
export const TRANSFERRED = 1 << 6;
/** A re-INVITE was rejected; the call continues unless it was 408 or 481. */
export const REINVITE_FAILED = 1 << 7;
export const EARLY_MEDIA = 1 << 8;
/** Another call had the same Call-ID before. */
export const REUSED = 1 << 9;
/** A reply arrived before its request: clocks of capture nodes differ. */
export const CLOCK = 1 << 10;
/** A message was truncated. */
export const CUT = 1 << 11;
/** It began before the requested time. */
export const BEGAN_EARLIER = 1 << 12;
/** It had not ended at the end of the data, or when the table of open calls was full. */
export const UNFINISHED = 1 << 13;
/** Its first request was not captured. */
export const PARTIAL = 1 << 14;
/** It was answered, with media from one side only. */
export const ONE_WAY = 1 << 15;
/** Sequence numbers jump, or a long gap counts as loss. */
export const MOS_UNRELIABLE = 1 << 16;

export function flagNames(bits: number): CallFlag[] {
  return CALL_FLAGS.filter((_, bit) => (bits & (1 << bit)) !== 0);
}
