/** The outcome of a call: the attempt that decides it, its state and its flags. */
import type { Attempt, Call } from './call.js';
import { BYE_GLARE, CUT, FORKED, NO_ACK, NO_BYE, PARTIAL, UNFINISHED, type CallState } from './states.js';

const BUSY = [486, 600];
const DECLINED = [403, 603, 606, 607, 608];
const NOT_FOUND = [404, 484, 604];
/** RFC 3261 section 16.7 step 6: these 4xx take precedence over the others. */
const PREFERRED = [401, 407, 415, 420, 484];

export const isChallenge = (status: number): boolean => status === 401 || status === 407;

/**
 * The INVITE transaction whose final reply is that of the call: on the first hop, since others only follow it; the last one if
 * they were sequential, the best reply if they were parallel. Null if there is no attempt.
 */
export function decisiveAttempt({ attempts }: Call): Attempt | null {
  if (attempts.length < 2) return attempts[0] ?? null;
  const { source } = attempts[0];
  let best: Attempt | null = null;
  for (const attempt of attempts)
    if (attempt.source === source && !isSuperseded(attempt, attempts) && (best === null || isBetter(attempt, best))) best = attempt;
  if (best !== null && best.status > 0) return best;
  // The first hop's reply was not captured: the next hop's reply is used instead.
  for (const attempt of attempts)
    if (attempt.source !== source && attempt.status > 0 && !isSuperseded(attempt, attempts) && (best === null || isBetter(attempt, best)))
      best = attempt;
  return best;
}

/** Every attempt of the first hop that still counts has its final reply. */
export function isDecided({ attempts }: Call): boolean {
  if (attempts.length === 0) return false;
  const { source } = attempts[0];
  return attempts.every((attempt) => attempt.source !== source || attempt.status > 0 || isSuperseded(attempt, attempts));
}

function isSuperseded(attempt: Attempt, attempts: readonly Attempt[]): boolean {
  return attempts.some(
    (later) =>
      later !== attempt &&
      later.source === attempt.source &&
      (later.cseq > attempt.cseq || (attempt.status >= 300 && later.startedAt >= attempt.finalAt)),
  );
}

function isBetter(a: Attempt, b: Attempt): boolean {
  return rank(a.status) < rank(b.status);
}

function rank(status: number): number {
  if (status >= 200 && status < 300) return 0;
  if (status >= 600) return 1;
  if (status === 0) return 90;
  return Math.floor(status / 100) * 10 + (PREFERRED.includes(status) ? 0 : 5);
}

/** Final status and reason, 0 and '' if there is none. */
export function finalStatus(call: Call): { status: number; reason: string } {
  if (call.kind !== 'call' || call.answeredAt > 0) return call;
  return decisiveAttempt(call) ?? { status: 0, reason: '' };
}

/** `isOpen`: more may follow. */
export function stateOf(call: Call, isOpen: boolean): CallState {
  if (call.kind !== 'call') return groupState(call);
  if (!call.hasInvite) return 'partial';
  if (call.answeredAt > 0) {
    if (call.endedAt > 0) return 'ended';
    if (call.confirmedAt === 0) return 'answered';
    return isOpen ? 'in-call' : 'lost';
  }
  const status = decisiveAttempt(call)?.status ?? 0;
  if (status >= 300) return failureState(call, status);
  if (call.cancelAt > 0 || call.byeAt > 0) return 'cancelled';
  if (call.endedAt > 0) return call.ringingAt > 0 ? 'no-answer' : 'timeout';
  return call.ringingAt > 0 ? 'ringing' : call.provisionalAt > 0 ? 'proceeding' : 'trying';
}

function failureState(call: Call, status: number): CallState {
  if (status < 400) return 'redirected';
  if (isChallenge(status)) return 'challenged';
  if (status === 487) return 'cancelled';
  if (status === 408) return call.ringingAt > 0 ? 'no-answer' : 'timeout';
  if (status === 480) return 'unavailable';
  if (BUSY.includes(status)) return 'busy';
  if (DECLINED.includes(status)) return 'declined';
  return NOT_FOUND.includes(status) ? 'not-found' : 'failed';
}

function groupState({ kind, status, endedAt, expires, isTerminated, requestAt }: Call): CallState {
  if (isTerminated) return 'terminated';
  if (status >= 200 && status < 300) {
    if (kind === 'registration') return expires === 0 ? 'removed' : 'registered';
    if (kind === 'subscription') return expires === 0 ? 'terminated' : 'subscribed';
    return 'succeeded';
  }
  if (isChallenge(status)) return 'challenged';
  if (status >= 300) return status < 400 ? 'redirected' : status === 408 ? 'timeout' : 'failed';
  if (endedAt > 0) return 'timeout';
  return requestAt > 0 ? 'trying' : 'partial';
}

/** The flags that are only known at the end. */
export function finalFlags(call: Call, isOpen: boolean): number {
  let { flags } = call;
  if (call.cutMessages > 0) flags |= CUT;
  if (call.kind !== 'call') return call.requestAt === 0 ? flags | PARTIAL : flags;
  if (!call.hasInvite) flags |= PARTIAL;
  if (call.toTags.length > 1) flags |= FORKED;
  if (call.answeredAt > 0) {
    if (call.confirmedAt === 0 && call.hasInvite) flags |= NO_ACK;
    if (call.endedAt === 0 && !isOpen) flags |= NO_BYE;
  } else if (call.endedAt === 0 && !isOpen && call.hasInvite && !isDecided(call)) flags |= UNFINISHED;
  return call.byeAt === 0 ? flags & ~BYE_GLARE : flags;
}
