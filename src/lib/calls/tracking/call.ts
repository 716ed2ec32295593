/** One dialog set (Call-ID and From tag of its first request) or another group of messages of one Call-ID, while it is open. */
import type { LinkedEntry } from '../../base/index.js';
import type { QualityPoint } from '../quality/quality-points.js';
import type { LegSet } from '../legs/leg-set.js';
import { Repeats } from './repeats.js';

export type CallKind = 'call' | 'registration' | 'subscription' | 'other';

/** An INVITE on one hop, with its replies. */
export interface Attempt {
  /** Hash of branch and CSeq number. */
  transaction: number;
  cseq: number;
  source: string;
  destination: string;
  /** 0 where the request was not captured. */
  startedAt: number;
  finalAt: number;
  status: number;
  reason: string;
}

/** A list that has grown has room for 17. */
const NONE: readonly never[] = [];

export class Call implements LinkedEntry<Call> {
  older: Call | null = null;
  newer: Call | null = null;
  /** The dialog set of the same Call-ID that began before. */
  earlier: Call | null = null;
  /** It was requested. */
  selected = false;
  /** For data that users of the index keep with a call. */
  kept: unknown = null;
  kind: CallKind = 'call';
  /** Of the first request: INVITE, REGISTER, SUBSCRIBE, OPTIONS... */
  method = '';
  fromTag = '';
  fromUser = '';
  fromDomain = '';
  toUser = '';
  toDomain = '';
  userAgent = '';
  contact = '';
  /** Endpoints of the first hop, as in the first request. */
  source = '';
  sourcePort = 0;
  destination = '';
  destinationPort = 0;
  node = '';
  startedAt = 0;
  lastAt = 0;
  /** When it ended, 0 before. */
  endedAt = 0;
  /** From the time of its latest message to the arrival, where timers run by that; else 0. Microseconds. */
  delay = 0;
  /** When its timer expires, 0 for no timer. */
  waitUntil = 0;
  /** The second in which the index checks it again. */
  dueSecond = 0;
  flags = 0;
  messages = 0;
  retransmissions = 0;
  duplicates = 0;
  cutMessages = 0;
  readonly repeats = new Repeats();
  // Of calls:
  attempts: readonly Attempt[] = NONE;
  /** Hashes of the To tags that rang or answered. */
  toTags: readonly number[] = NONE;
  hasInvite = false;
  cseq = -1;
  provisionalAt = 0;
  ringingAt = 0;
  cancelAt = 0;
  answeredAt = 0;
  answerTag = 0;
  confirmedAt = 0;
  byeAt = 0;
  byeTag = 0;
  byeReplyAt = 0;
  // Of the others, and of the 2xx that answered a call:
  requestAt = 0;
  status = 0;
  reason = '';
  /** Seconds, -1 where unknown. */
  expires = -1;
  isTerminated = false;
  legs: LegSet | null = null;
  /** Another leg of the same call began before. */
  isFurtherLeg = false;
  worstQuality: QualityPoint | null = null;
  /** From its RTP, if tracked: all streams together, and the codec of the worst. */
  lossPercent: number | null = null;
  codec = '';

  constructor(
    /** Order of the first messages. */
    readonly number: number,
    readonly callId: string,
  ) {}
}
