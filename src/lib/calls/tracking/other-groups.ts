/** Tracks what is not a call: registrations, subscriptions with their notifications, and single transactions of one Call-ID. */
import { cseqMethod, detached, type Message, type SipFields } from '../../base/index.js';
import { headerValue, headerValues } from '../../sip/index.js';
import type { Call } from './call.js';
import { isChallenge } from './outcome.js';
import { leadingNumber } from './texts.js';

/** Timer F (RFC 3261 section 17.1.2.2), and the time limit for answering a challenge. */
const TIMER_F = 32e6;
const DEFAULT_EXPIRES = 3600;

export function followGroup(call: Call, message: Message, sip: SipFields): void {
  const at = message.capturedAt;
  if (sip.kind === 1) followRequest(call, at, sip);
  else if (cseqMethod(sip) === call.method) followReply(call, at, sip, leadingNumber(sip.method));
}

function followRequest(call: Call, at: number, sip: SipFields): void {
  if (sip.method === 'NOTIFY' && call.kind === 'subscription') {
    followNotification(call, at, sip);
    return;
  }
  if (sip.method !== call.method) return;
  call.requestAt = at;
  call.endedAt = 0;
  call.isTerminated = false;
  call.status = 0;
  call.waitUntil = at + TIMER_F;
  if (call.kind === 'other') return;
  call.expires = expiresOf(sip);
  if (sip.contactUser !== '' || sip.contactHost !== '') call.contact = detached(contactOf(sip));
}

function contactOf({ contactUser, contactHost, contactPort }: SipFields): string {
  return `${contactUser === '' ? '' : `${contactUser}@`}${contactHost}${contactPort > 0 ? `:${contactPort}` : ''}`;
}

function followReply(call: Call, at: number, sip: SipFields, status: number): void {
  if (status < 200) return;
  call.status = status;
  call.reason = detached(sip.replyReason);
  call.answeredAt = status < 300 ? at : 0;
  if (isChallenge(status)) {
    call.waitUntil = at + TIMER_F;
    return;
  }
  if (status >= 300 || call.kind === 'other') {
    end(call, at);
    return;
  }
  const granted = expiresOf(sip);
  if (granted >= 0 && call.expires !== 0) call.expires = granted;
  else if (call.expires < 0) call.expires = DEFAULT_EXPIRES;
  if (call.expires === 0) end(call, at);
  else call.waitUntil = at + call.expires * 1e6;
}

/** RFC 6665 section 4.1.3: the notifier ends a subscription by its state. */
function followNotification(call: Call, at: number, sip: SipFields): void {
  const state = headerValue(sip, 'subscription-state').toLowerCase();
  if (!state.startsWith('terminated')) return;
  call.isTerminated = true;
  end(call, at);
}

function end(call: Call, at: number): void {
  call.endedAt = at;
  call.waitUntil = 0;
}

/** The longest of all Contacts, else that of the header; -1 if neither is given (RFC 3261 section 10.2.1.1). */
function expiresOf(sip: SipFields): number {
  let longest = -1;
  for (const contact of headerValues(sip, 'contact'))
    for (const match of contact.matchAll(/;\s*expires\s*=\s*"?(\d{1,10})/gi)) longest = Math.max(longest, Number(match[1]));
  if (longest >= 0) return longest;
  const value = headerValue(sip, 'expires');
  return /^\d{1,10}$/.test(value) ? Number(value) : -1;
}
