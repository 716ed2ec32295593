/** A call as shown in lists: numbers and texts. Times in microseconds since 1970, durations in milliseconds. */
import type { Call, CallKind } from '../tracking/call.js';
import { finalFlags, finalStatus, stateOf } from '../tracking/outcome.js';
import { flagNames, type CallFlag, type CallState } from '../tracking/states.js';

export interface CallSummary {
  /** Order of the first messages. */
  number: number;
  kind: CallKind;
  method: string;
  callId: string;
  startedAt: number;
  /** 0 where it is not over. */
  endedAt: number;
  state: CallState;
  flags: readonly CallFlag[];
  fromUser: string;
  fromDomain: string;
  toUser: string;
  toDomain: string;
  /** Final status, 0 where there is none. */
  status: number;
  reason: string;
  /** Post-dial delay: INVITE to the first provisional reply other than 100, or to the 2xx; null where there is none. */
  pddMs: number | null;
  /** First 180 (or 183 with SDP) to answer, rejection or CANCEL. */
  ringingMs: number | null;
  /** INVITE to 2xx; of a registration or another request, the time to its 2xx. */
  setupMs: number | null;
  /** 2xx to BYE; null where the call was not answered or no BYE was seen. */
  talkingMs: number | null;
  /** BYE to its 2xx; null where either was not seen. */
  disconnectMs: number | null;
  messages: number;
  retransmissions: number;
  duplicates: number;
  /** Related Call-IDs, including this one. */
  legs: number;
  /** Another leg of the same call began before. */
  isFurtherLeg: boolean;
  /** To tags that rang or answered. */
  forks: number;
  source: string;
  sourcePort: number;
  destination: string;
  destinationPort: number;
  userAgent: string;
  node: string;
  contact: string;
  /** Seconds, -1 where unknown. */
  expires: number;
  /** The worst of all directions, null if no report has it. */
  mos: number | null;
  /** Packets lost in all its RTP streams; null if they were not tracked, or there were none. */
  lossPercent: number | null;
  /** Of the stream with the worst MOS, '' likewise. */
  codec: string;
}

/** `isOpen`: more messages may follow, so that a call in conversation is not lost. */
export function summaryOf(call: Call, isOpen = false): CallSummary {
  const { status, reason } = finalStatus(call);
  const isCall = call.kind === 'call';
  return {
    number: call.number,
    kind: call.kind,
    method: call.method,
    callId: call.callId,
    startedAt: call.startedAt,
    endedAt: call.endedAt,
    state: stateOf(call, isOpen),
    flags: flagNames(finalFlags(call, isOpen)),
    fromUser: call.fromUser,
    fromDomain: call.fromDomain,
    toUser: call.toUser,
    toDomain: call.toDomain,
    status,
    reason,
    pddMs: isCall && call.hasInvite ? milliseconds(call.startedAt, firstOf(call.provisionalAt, call.answeredAt)) : null,
    ringingMs: isCall ? milliseconds(call.ringingAt, ringingEnd(call)) : null,
    setupMs: setupOf(call),
    talkingMs: isCall && call.byeAt > 0 ? milliseconds(call.answeredAt, call.byeAt) : null,
    disconnectMs: isCall ? milliseconds(call.byeAt, call.byeReplyAt) : null,
    messages: call.messages,
    retransmissions: call.retransmissions,
    duplicates: call.duplicates,
    legs: call.legs === null ? 1 : call.legs.callIds.length,
    isFurtherLeg: call.isFurtherLeg,
    forks: call.toTags.length,
    source: call.source,
    sourcePort: call.sourcePort,
    destination: call.destination,
    destinationPort: call.destinationPort,
    userAgent: call.userAgent,
    node: call.node,
    contact: call.contact,
    expires: call.expires,
    mos: call.worstQuality?.mos ?? null,
    lossPercent: call.lossPercent,
    codec: call.codec,
  };
}

/** Final status of 400 and above, challenges and cancelled calls not counted. */
export function isFailed({ status }: CallSummary): boolean {
  return status >= 400 && status !== 401 && status !== 407 && status !== 487;
}

function setupOf(call: Call): number | null {
  if (call.kind !== 'call') return milliseconds(call.requestAt, call.answeredAt);
  return call.hasInvite ? milliseconds(call.startedAt, call.answeredAt) : null;
}

function ringingEnd(call: Call): number {
  if (call.answeredAt > 0) return call.answeredAt;
  return call.cancelAt > 0 ? call.cancelAt : call.endedAt;
}

function firstOf(a: number, b: number): number {
  return a === 0 ? b : a;
}

/** Clocks of two nodes may make it negative: it is then 0. */
function milliseconds(from: number, to: number): number | null {
  return from === 0 || to === 0 ? null : Math.max(0, to - from) / 1000;
}
