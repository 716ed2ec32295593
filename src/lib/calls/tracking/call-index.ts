/**
 * Messages to calls: finds the dialog set of each message, tracks it, and delivers every call once it has ended, in the
 * order in which calls end. Time is that of the messages. Memory is bounded: an ended call is forgotten, and of too
 * many open ones the one idle longest is delivered unfinished.
 */
import { cseqMethod, detached, isCut, LinkedList, Words, type Message, type SipFields } from '../../base/index.js';
import { LegLinks } from '../legs/leg-links.js';
import { Call, type CallKind } from './call.js';
import { DueTimes } from './due-times.js';
import { EndedIds } from './ended-ids.js';
import { followInvite } from './invite.js';
import { followGroup } from './other-groups.js';
import { CLOCK, REUSED, UNFINISHED } from './states.js';
import { DUPLICATE, FIRST, RETRANSMISSION } from './repeats.js';

/** For late retransmissions. */
const LINGER = 5e6;
/** A reply this much before its request is due to clock differences. */
const CLOCK_DIFFERENCE = 500_000;
const MAX_OPEN_CALLS = 100_000;
/** Dialog sets of one Call-ID; beyond that the oldest is delivered unfinished. */
const MAX_SAME_CALL_ID = 32;
/** Requests that only exist within a call. */
const WITHIN_CALLS = new Set(['ACK', 'BYE', 'CANCEL', 'PRACK', 'UPDATE', 'INFO']);

export interface CallIndexOptions {
  /** Called for each ended call; `isOpen` is false. */
  onCall(call: Call): void;
  /** Microseconds at which a message has arrived. Live, timers run by it: clocks of senders differ. Else by the messages' times. */
  arrivedAt?(): number;
  maxOpenCalls?: number;
}

export class CallIndex {
  /** Messages without Call-ID, those of calls already delivered, and evicted calls. */
  withoutCallId = 0;
  late = 0;
  evicted = 0;
  readonly links = new LegLinks((callId) => this.byCallId.get(callId));
  /** Time of the latest message, or its arrival. */
  now = 0;
  private readonly byCallId = new Map<string, Call>();
  private readonly open = new LinkedList<Call>();
  private readonly due = new DueTimes();
  private readonly ended = new EndedIds();
  private readonly words = new Words();
  private readonly maxOpenCalls: number;
  private count = 0;
  private openCalls = 0;

  constructor(private readonly options: CallIndexOptions) {
    this.maxOpenCalls = options.maxOpenCalls ?? MAX_OPEN_CALLS;
  }

  get size(): number {
    return this.openCalls;
  }

  /** Takes a parsed SIP message; returns its call, or null if it belongs to none. */
  add(message: Message): Call | null {
    const { capturedAt } = message;
    const sip = message.sip!;
    const arrivedAt = this.options.arrivedAt?.() ?? capturedAt;
    this.advance(arrivedAt);
    if (sip.callId === '') {
      this.withoutCallId++;
      return null;
    }
    const call = this.callOf(message, sip);
    if (call === null) {
      this.late++;
      return null;
    }
    if (capturedAt > call.lastAt) call.lastAt = capturedAt;
    call.delay = arrivedAt - capturedAt;
    this.open.unlink(call);
    this.open.link(call);
    const repetition = call.repeats.see(message, sip);
    if (repetition === DUPLICATE) {
      call.duplicates++;
      if (call.repeats.completes) call.cutMessages--;
      return call;
    }
    call.messages++;
    if (repetition === RETRANSMISSION) call.retransmissions++;
    if (repetition === FIRST) this.follow(call, message, sip);
    return call;
  }

  /** Delivers calls that have ended by then; of arrivals where timers run by them. */
  advance(now: number): void {
    if (now <= this.now) return;
    this.now = now;
    this.due.advance(now, this.takeDue);
  }

  /** The newest dialog set of that Call-ID that is still open. */
  find(callId: string): Call | undefined {
    return this.byCallId.get(callId);
  }

  /** Delivers everything still open, in the order of the first messages. */
  finish(): void {
    const left = [...this.calls()];
    const key = (call: Call) => (call.endedAt > 0 ? call.endedAt : Infinity);
    left.sort((a, b) => (key(a) === key(b) ? a.number - b.number : key(a) - key(b)));
    for (const call of left) this.remove(call);
  }

  *calls(): Generator<Call> {
    for (let call = this.open.oldest; call !== null; call = call.newer) yield call;
  }

  private follow(call: Call, message: Message, sip: SipFields): void {
    if (isCut(message, sip)) call.cutMessages++;
    this.links.learn(call, message, sip);
    if (call.kind === 'call') followInvite(call, message, sip);
    else followGroup(call, message, sip);
    if (call.endedAt > 0) this.due.place(call, call.endedAt + call.delay + LINGER);
    else if (call.waitUntil > 0 && call.dueSecond === 0) this.due.place(call, call.waitUntil + call.delay + LINGER);
  }

  private callOf(message: Message, sip: SipFields): Call | null {
    const { callId, fromTag, toTag } = sip;
    const newest = this.byCallId.get(callId);
    const opens = sip.kind === 1 && toTag === '' && !WITHIN_CALLS.has(sip.method);
    if (newest === undefined) {
      if (!opens && this.ended.has(callId)) return null;
      return this.begin(message, sip, null);
    }
    if (opens && sip.method === 'INVITE') return this.callOfInvite(newest, message, sip);
    for (let call: Call | null = newest; call !== null; call = call.earlier)
      if (call.fromTag === fromTag || call.fromTag === toTag) return call;
    return newest;
  }

  /** An INVITE without To tag continues the call with its From tag, unless that ended more than five seconds before. */
  private callOfInvite(newest: Call, message: Message, sip: SipFields): Call {
    const at = message.capturedAt;
    let same = 0;
    let oldest = newest;
    for (let call: Call | null = newest; call !== null; call = call.earlier) {
      same++;
      oldest = call;
      if (call.kind !== 'call' || call.fromTag !== sip.fromTag) continue;
      if (!call.hasInvite && at - call.startedAt <= CLOCK_DIFFERENCE) {
        this.adopt(call, message, sip);
        return call;
      }
      if (call.endedAt === 0 || at - call.endedAt < LINGER) return call;
      break;
    }
    if (same >= MAX_SAME_CALL_ID) this.evict(oldest);
    return this.begin(message, sip, newest);
  }

  private begin(message: Message, sip: SipFields, earlier: Call | null): Call {
    if (this.openCalls >= this.maxOpenCalls) this.evict(this.open.oldest!);
    // An evicted call may have had the same Call-ID.
    const before = earlier === null ? null : (this.byCallId.get(sip.callId) ?? null);
    const call = new Call(this.count++, before?.callId ?? detached(sip.callId));
    call.method = detached(sip.kind === 1 ? sip.method : cseqMethod(sip));
    call.kind = kindOf(call.method, sip);
    if (call.kind === 'call') call.method = 'INVITE';
    call.startedAt = message.capturedAt;
    this.describe(call, message, sip);
    call.earlier = before;
    // Others, such as registrations, use theirs again and again.
    if (before !== null || (call.kind === 'call' && this.ended.has(call.callId))) call.flags |= REUSED;
    this.byCallId.set(call.callId, call);
    this.open.link(call);
    this.openCalls++;
    this.links.begin(call);
    return call;
  }

  /** The request arrives after its reply: the clocks of two nodes differ. */
  private adopt(call: Call, message: Message, sip: SipFields): void {
    call.startedAt = message.capturedAt;
    call.flags |= CLOCK;
    this.describe(call, message, sip);
  }

  /** Derived from a reply as from its request: From is the sender of the request, and the reply goes the other way. */
  private describe(call: Call, message: Message, sip: SipFields): void {
    const { words } = this;
    const isRequest = sip.kind === 1;
    call.fromTag = detached(sip.fromTag);
    call.fromUser = detached(sip.fromUser);
    call.fromDomain = words.own(sip.fromDomain);
    call.toUser = detached(sip.toUser);
    call.toDomain = words.own(sip.toDomain);
    if (isRequest) call.userAgent = words.own(sip.userAgent);
    call.source = isRequest ? message.sourceAddress : message.destinationAddress;
    call.sourcePort = isRequest ? message.sourcePort : message.destinationPort;
    call.destination = isRequest ? message.destinationAddress : message.sourceAddress;
    call.destinationPort = isRequest ? message.destinationPort : message.sourcePort;
    call.node = message.captureName !== '' ? words.own(message.captureName) : message.captureId >= 0 ? String(message.captureId) : '';
  }

  private readonly takeDue = (calls: Call[]): void => {
    const over: Call[] = [];
    for (const call of calls) {
      const until = call.endedAt > 0 ? call.endedAt : call.waitUntil;
      if (until === 0) continue;
      const at = until + call.delay + LINGER;
      if (at > this.now) this.due.place(call, at);
      else {
        if (call.endedAt === 0) call.endedAt = call.waitUntil;
        over.push(call);
      }
    }
    over.sort((a, b) => a.endedAt - b.endedAt || a.number - b.number);
    for (const call of over) this.remove(call);
  };

  private evict(call: Call): void {
    this.evicted++;
    call.flags |= UNFINISHED;
    this.remove(call);
  }

  private remove(call: Call): void {
    this.open.unlink(call);
    this.openCalls--;
    this.forget(call);
    this.ended.add(call.callId, this.now);
    this.options.onCall(call);
  }

  private forget(call: Call): void {
    const newest = this.byCallId.get(call.callId);
    if (newest === call) {
      if (call.earlier === null) this.byCallId.delete(call.callId);
      else this.byCallId.set(call.callId, call.earlier);
      return;
    }
    for (let each = newest; each !== undefined && each !== null; each = each.earlier ?? undefined)
      if (each.earlier === call) each.earlier = call.earlier;
  }
}

function kindOf(method: string, sip: SipFields): CallKind {
  if (method === 'INVITE' || (WITHIN_CALLS.has(method) && (method !== 'INFO' || sip.toTag !== ''))) return 'call';
  if (method === 'REGISTER') return 'registration';
  return method === 'SUBSCRIBE' || (method === 'NOTIFY' && sip.toTag !== '') ? 'subscription' : 'other';
}
