/** Tracks an INVITE dialog set message by message (RFC 3261 sections 9, 13 to 15); repeated messages are filtered before. */
import { cseqMethod, detached, type Message, type SipFields } from '../../base/index.js';
import type { Attempt, Call } from './call.js';
import { decisiveAttempt, isChallenge, isDecided } from './outcome.js';
import { BYE_GLARE, CANCEL_RACE, EARLY_MEDIA, GLARE, REINVITE_FAILED, TRANSFERRED } from './states.js';
import { hashText, leadingNumber, transactionHash } from './texts.js';

/** Timer C (RFC 3261 section 16.6): no INVITE waits longer after its latest provisional reply. */
const TIMER_C = 180e6;
/** 64·T1: a challenge or redirection without a new attempt, a CANCEL without 487. */
const FOLLOW_UP = 32e6;
const MAX_ATTEMPTS = 32;
const MAX_TAGS = 32;

export function followInvite(call: Call, message: Message, sip: SipFields): void {
  if (sip.kind === 1) followRequest(call, message, sip);
  else followReply(call, message, sip, leadingNumber(sip.method));
}

function followRequest(call: Call, message: Message, sip: SipFields): void {
  const at = message.capturedAt;
  switch (sip.method) {
    case 'INVITE':
      if (isInitial(call, sip)) begin(call, message, sip);
      break;
    case 'ACK':
      if (call.answeredAt > 0 && call.confirmedAt === 0 && isAckOfAnswer(call, sip)) call.confirmedAt = at;
      break;
    case 'CANCEL':
      if (call.cancelAt > 0) break;
      call.cancelAt = at;
      // The 2xx was on its way already.
      if (call.answeredAt > 0) call.flags |= CANCEL_RACE;
      else if (call.endedAt === 0) call.waitUntil = at + FOLLOW_UP;
      break;
    case 'BYE':
      followBye(call, at, sip);
      break;
    case 'REFER':
      call.flags |= TRANSFERRED;
      break;
  }
}

/** Without To tag; a request within the dialog of a call whose start was not captured does not begin it either. */
function isInitial(call: Call, sip: SipFields): boolean {
  return sip.toTag === '' && (call.fromTag === sip.fromTag || !call.hasInvite);
}

function begin(call: Call, message: Message, sip: SipFields): void {
  const at = message.capturedAt;
  call.hasInvite = true;
  call.endedAt = 0;
  if (call.answeredAt === 0) call.waitUntil = at + TIMER_C;
  call.cseq = Math.max(call.cseq, leadingNumber(sip.cseq));
  const attempt = attemptOf(call, message, sip, false);
  attempt.startedAt = at;
}

/** The attempt that a message belongs to; added if new. */
function attemptOf(call: Call, message: Message, sip: SipFields, isReply: boolean): Attempt {
  const transaction = transactionHash(sip);
  const source = isReply ? message.destinationAddress : message.sourceAddress;
  const destination = isReply ? message.sourceAddress : message.destinationAddress;
  for (let i = call.attempts.length - 1; i >= 0; i--) {
    const attempt = call.attempts[i];
    if (attempt.transaction === transaction && attempt.source === source && attempt.destination === destination) return attempt;
  }
  const cseq = leadingNumber(sip.cseq);
  const attempt = { transaction, cseq, source, destination, startedAt: 0, finalAt: 0, status: 0, reason: '' };
  const before = call.attempts.length >= MAX_ATTEMPTS ? call.attempts.filter((_, i) => i !== 1) : call.attempts;
  call.attempts = [...before, attempt];
  return attempt;
}

/** The ACK of a rejection has its INVITE's branch (RFC 3261 section 17.1.1.3), that of a 2xx has its own. */
function isAckOfAnswer(call: Call, sip: SipFields): boolean {
  if (!call.hasInvite) return true;
  if (leadingNumber(sip.cseq) !== call.cseq) return false;
  const transaction = transactionHash(sip);
  return !call.attempts.some((attempt) => attempt.transaction === transaction);
}

function followBye(call: Call, at: number, sip: SipFields): void {
  const from = hashText(sip.fromTag);
  if (isOfOtherFork(call, from, hashText(sip.toTag))) return;
  if (call.byeAt > 0) {
    if (from !== call.byeTag && at - call.byeAt < FOLLOW_UP && call.byeReplyAt === 0) call.flags |= BYE_GLARE;
    return;
  }
  call.byeAt = at;
  call.byeTag = from;
  if (call.answeredAt > 0 || !call.hasInvite) end(call, at);
  else call.waitUntil = at + FOLLOW_UP;
}

/** A branch that rang or answered beside the winner is released; the call continues. */
function isOfOtherFork({ answeredAt, answerTag, toTags }: Call, from: number, to: number): boolean {
  return answeredAt > 0 && answerTag !== from && answerTag !== to && (toTags.includes(from) || toTags.includes(to));
}

function end(call: Call, at: number): void {
  if (call.endedAt === 0) call.endedAt = at;
}

function followReply(call: Call, message: Message, sip: SipFields, status: number): void {
  const at = message.capturedAt;
  switch (cseqMethod(sip)) {
    case 'INVITE':
      if (isOfInitial(call, sip)) followInitial(call, message, sip, status);
      else followReinvite(call, at, status);
      break;
    case 'BYE':
      if (isOfOtherFork(call, hashText(sip.fromTag), hashText(sip.toTag))) break;
      if (status >= 200 && call.byeReplyAt === 0 && !isChallenge(status)) call.byeReplyAt = at;
      // Its request was not captured.
      if (status >= 200 && call.byeAt === 0 && !isChallenge(status)) {
        call.byeAt = at;
        call.byeTag = hashText(sip.fromTag);
        end(call, at);
      }
      break;
    case 'REFER':
      if (status >= 300) call.flags &= ~TRANSFERRED;
      break;
  }
}

function isOfInitial(call: Call, sip: SipFields): boolean {
  if (sip.fromTag !== call.fromTag) return false;
  const cseq = leadingNumber(sip.cseq);
  if (!call.hasInvite) return call.attempts.length === 0 || cseq <= call.attempts[0].cseq;
  return cseq <= call.cseq;
}

function followInitial(call: Call, message: Message, sip: SipFields, status: number): void {
  const at = message.capturedAt;
  if (status <= 100) return;
  if (status < 200) {
    followProvisional(call, message, sip, status);
    return;
  }
  const attempt = attemptOf(call, message, sip, true);
  if (attempt.status < 200 || status < 300) {
    attempt.status = status;
    attempt.finalAt = at;
    attempt.reason = detached(sip.replyReason);
  }
  if (status < 300) followAnswer(call, at, sip, status);
  else if (call.answeredAt === 0) followRefusal(call);
}

function followProvisional(call: Call, message: Message, sip: SipFields, status: number): void {
  const at = message.capturedAt;
  if (call.provisionalAt === 0) call.provisionalAt = at;
  const hasSdp = status === 183 && sip.bodyAt < message.payload.length;
  if (hasSdp) call.flags |= EARLY_MEDIA;
  if ((status === 180 || hasSdp) && call.ringingAt === 0) call.ringingAt = at;
  // 199 ends an early dialog (RFC 6228).
  if (status !== 199) noteTag(call, sip.toTag);
  if (call.answeredAt === 0 && call.endedAt === 0 && call.cancelAt === 0) call.waitUntil = at + TIMER_C;
  attemptOf(call, message, sip, true);
}

function followAnswer(call: Call, at: number, sip: SipFields, status: number): void {
  noteTag(call, sip.toTag);
  if (call.answeredAt > 0) return;
  call.answeredAt = at;
  call.answerTag = hashText(sip.toTag);
  call.status = status;
  call.reason = detached(sip.replyReason);
  call.endedAt = 0;
  call.waitUntil = 0;
  if (call.cancelAt > 0) call.flags |= CANCEL_RACE;
}

function noteTag(call: Call, tag: string): void {
  if (tag === '') return;
  const hash = hashText(tag);
  if (!call.toTags.includes(hash) && call.toTags.length < MAX_TAGS) call.toTags = [...call.toTags, hash];
}

/** All branches of the first hop have final replies: ended at the deciding one, unless the caller may retry. */
function followRefusal(call: Call): void {
  if (!isDecided(call)) return;
  const { status, finalAt } = decisiveAttempt(call)!;
  if (status < 400 || isChallenge(status)) call.waitUntil = finalAt + FOLLOW_UP;
  else {
    call.endedAt = finalAt;
    call.waitUntil = 0;
  }
}

/** A rejected re-INVITE leaves the dialog unchanged, unless the peer no longer knows it (RFC 3261 section 14.1). */
function followReinvite(call: Call, at: number, status: number): void {
  if (status < 300 || isChallenge(status)) return;
  if (status === 491) {
    call.flags |= GLARE;
    return;
  }
  call.flags |= REINVITE_FAILED;
  if ((status === 408 || status === 481) && call.answeredAt > 0) end(call, at);
}
