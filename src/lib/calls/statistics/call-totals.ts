/**
 * Totals over many calls: the ratios and delays of RFC 6076, and those in use before it. Calls are
 * counted, not packets; a challenge that was answered is not a separate attempt.
 */
import type { CallSummary } from '../summary/call-summary.js';
import { MediaTotals, type MediaFigures } from './media-totals.js';

/** Sections of RFC 6076 where it defines the value. */
export interface CallFigures extends MediaFigures {
  attempts: number;
  answered: number;
  /** Answered calls (ASR), and calls that the network completed (NER: answered, busy, no answer, rejected), percent of attempts. */
  asr: number | null;
  ner: number | null;
  /** Session establishment (4.6) and its effectiveness (4.7), ineffective attempts (4.8), completion (4.9), percent. */
  ser: number | null;
  seer: number | null;
  isa: number | null;
  scr: number | null;
  /** Mean conversation time (ACD), seconds. */
  acd: number | null;
  /** Session request delay (4.3), of calls that rang or were answered, and of failed ones; means, milliseconds. */
  srdMs: number | null;
  failedSrdMs: number | null;
  setupMs: number | null;
  /** Session disconnect delay (4.4). */
  sddMs: number | null;
  registrations: number;
  /** Registration request delay (4.1), and ineffective attempts (4.2) in percent. */
  rrdMs: number | null;
  ira: number | null;
  /** Groups that are neither calls nor registrations. */
  others: number;
  messages: number;
  /** Of all messages, percent. */
  retransmissionRate: number | null;
}

/** RFC 6076 section 4.7: the callee's own decision. */
const USER_DECISIONS = [480, 486, 600, 603];
/** RFC 6076 section 4.8. */
const INEFFECTIVE = [408, 500, 503, 504];
const CHALLENGES = [401, 402, 407];
const NETWORK_SUCCESS = new Set(['busy', 'no-answer', 'unavailable', 'declined', 'cancelled', 'ringing']);

class Mean {
  private sum = 0;
  private count = 0;

  add(value: number | null): void {
    if (value === null) return;
    this.sum += value;
    this.count++;
  }

  get value(): number | null {
    return this.count === 0 ? null : this.sum / this.count;
  }
}

export class CallTotals {
  private attempts = 0;
  private answered = 0;
  private redirected = 0;
  private userDecisions = 0;
  private ineffective = 0;
  private completed = 0;
  private networkSuccess = 0;
  private registrations = 0;
  private failedRegistrations = 0;
  private others = 0;
  private messages = 0;
  private retransmissions = 0;
  private readonly talking = new Mean();
  private readonly srd = new Mean();
  private readonly failedSrd = new Mean();
  private readonly setup = new Mean();
  private readonly sdd = new Mean();
  private readonly rrd = new Mean();
  private readonly media = new MediaTotals();

  add(call: CallSummary): void {
    this.media.add(call);
    this.messages += call.messages;
    this.retransmissions += call.retransmissions;
    if (call.kind === 'registration') this.addRegistration(call);
    else if (call.kind !== 'call') this.others++;
    else if (call.state !== 'partial' && !CHALLENGES.includes(call.status)) this.addCall(call);
  }

  figures(): CallFigures {
    const { attempts, answered } = this;
    const established = attempts - this.redirected;
    return {
      attempts,
      answered,
      asr: percent(answered, attempts),
      ner: percent(answered + this.networkSuccess, attempts),
      ser: percent(answered, established),
      seer: percent(answered + this.userDecisions, established),
      isa: percent(this.ineffective, attempts),
      scr: percent(this.completed, attempts),
      acd: seconds(this.talking.value),
      srdMs: this.srd.value,
      failedSrdMs: this.failedSrd.value,
      setupMs: this.setup.value,
      sddMs: this.sdd.value,
      registrations: this.registrations,
      rrdMs: this.rrd.value,
      ira: percent(this.failedRegistrations, this.registrations),
      others: this.others,
      messages: this.messages,
      retransmissionRate: percent(this.retransmissions, this.messages),
      ...this.media.figures(),
    };
  }

  private addCall(call: CallSummary): void {
    const { status, state } = call;
    this.attempts++;
    this.srd.add(call.pddMs);
    if (status >= 200 && status < 300) {
      this.answered++;
      if (state === 'ended') this.completed++;
      this.setup.add(call.setupMs);
      this.talking.add(call.talkingMs);
      this.sdd.add(call.disconnectMs);
      return;
    }
    if (status >= 300 && status < 400) this.redirected++;
    if (USER_DECISIONS.includes(status)) this.userDecisions++;
    if (INEFFECTIVE.includes(status)) this.ineffective++;
    if (NETWORK_SUCCESS.has(state)) this.networkSuccess++;
    if (status >= 400 && call.pddMs === null && call.endedAt > 0) this.failedSrd.add((call.endedAt - call.startedAt) / 1000);
  }

  private addRegistration({ status, setupMs }: CallSummary): void {
    if (CHALLENGES.includes(status)) return;
    this.registrations++;
    if (status >= 300 || status === 0) this.failedRegistrations++;
    this.rrd.add(setupMs);
  }
}

function percent(part: number, whole: number): number | null {
  return whole === 0 ? null : (part * 100) / whole;
}

function seconds(milliseconds: number | null): number | null {
  return milliseconds === null ? null : milliseconds / 1000;
}
