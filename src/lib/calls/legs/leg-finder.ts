/**
 * Finds the legs of calls in rounds over all messages: what a known leg names, and legs that name a known leg or the same value,
 * join before the next round, if they are of about the same time. Stops at fifty legs, or after eight rounds in which legs joined;
 * a value shared by more than fifty Call-IDs is not a key.
 */
import { NO_FRAMES, detached, type Message } from '../../base/index.js';
import { MAX_LEGS } from './leg-links.js';
import { fragmentOf, legKeys, mayName, type LegHeader, type LegKey } from './leg-rules.js';
import { LegSet } from './leg-set.js';

export interface Leg {
  callId: string;
  /** Rule that linked it, '' for the requested call itself. */
  why: string;
  /** The value shared with the others. */
  value: string;
  guess: boolean;
  /** For a heuristic leg, the leg that it was derived from. */
  base: string;
}

/** Six hops are found whatever the order of the messages: one round may join legs of the first hop only in part, and the last reads none. */
export const MAX_ROUNDS = 8;
/** Legs begin and end this close to each other, microseconds: Call-IDs and linking values are reused. */
export const LEG_MARGIN = 300e6;
/** A value in a Refer-To header may be escaped there: all messages with this parameter count. */
const ESCAPED_REFERENCE = ['eplaces=', 'EPLACES='];
/** Shorter ones are in any message. */
const MIN_FRAGMENT = 4;
const MAX_FRAGMENTS = 64;
/** Maximum number of messages kept for all legs together. */
const MAX_MESSAGES = 100_000;

export class LegFinder {
  /** By Call-ID, in the order in which they joined. */
  readonly legs = new Map<string, Leg>();
  /** Messages of the legs, as the last round found them. */
  messages: Message[] = [];
  /** Reports of the legs. */
  reports: Message[] = [];
  /** Why there may be more than was found, '' if complete. */
  partial = '';
  readonly tooCommon = new Set<string>();
  rounds = 0;
  /** Values of known legs by the rule that found them, and the other Call-IDs seen with each. */
  private readonly known = new Map<string, string>();
  private knownBefore = 0;
  /** Rounds in which legs joined. */
  private joinings = 0;
  /** Values of Call-IDs that may join, with their rules. */
  private readonly candidates = new Map<string, Map<string, string>>();
  private readonly maxLegs: number;
  private readonly holders = new Map<string, Map<string, number>>();

  constructor(
    wanted: readonly string[],
    private readonly headers: readonly LegHeader[],
    /** Look for other legs at all. */
    readonly joins = true,
  ) {
    this.maxLegs = MAX_LEGS * Math.max(1, wanted.length);
    for (const callId of wanted) this.legs.set(callId, { callId, why: '', value: '', guess: false, base: '' });
  }

  /** What known legs name or carry. */
  values(): Iterable<string> {
    return this.known.keys();
  }

  /** Some of it is in headers that no table has a column for. */
  get hasDeepValues(): boolean {
    return [...this.known.values()].some((why) => why !== 'X-CID' && why !== 'correlation_id');
  }

  /** Each message that names a known leg or carries a known value contains one of these as it is; null if that cannot be said. */
  fragments(): string[] | null {
    const fragments = new Set(ESCAPED_REFERENCE);
    for (const value of [...this.legs.keys(), ...this.known.keys()]) {
      const fragment = fragmentOf(value);
      if (fragment.length < MIN_FRAGMENT || fragments.size >= MAX_FRAGMENTS) return null;
      fragments.add(fragment);
    }
    return [...fragments];
  }

  beginRound(): void {
    this.rounds++;
    this.knownBefore = this.known.size;
    this.candidates.clear();
    this.messages = [];
    this.reports = [];
    this.holders.clear();
  }

  /** A SIP message that has been parsed. */
  message(message: Message): void {
    const sip = message.sip!;
    const isLeg = this.legs.has(sip.callId);
    if (isLeg) this.keep(message);
    if (!this.joins) return;
    let isHeld = !isLeg && this.known.has(sip.callId);
    if (isHeld) this.hold(sip.callId, message);
    if (!mayName(message, message.sip!)) return;
    const keys = legKeys(message, sip, this.headers);
    for (const { why, value } of keys) {
      if (this.tooCommon.has(value)) continue;
      if (isLeg) {
        if (!this.known.has(value)) this.known.set(value, why);
      } else if (this.known.has(value) || this.legs.has(value)) {
        if (!this.known.has(value)) this.known.set(value, why);
        this.hold(value, message);
        isHeld = true;
      }
    }
    if (isHeld) this.remember(sip.callId, keys);
  }

  /** If it joins, the next round looks for what it names. */
  private remember(callId: string, keys: readonly LegKey[]): void {
    const values = this.candidates.get(callId) ?? new Map<string, string>();
    if (values.size === 0) this.candidates.set(detached(callId), values);
    for (const { why, value } of keys) if (!this.tooCommon.has(value)) values.set(value, why);
  }

  report(message: Message): void {
    if (this.legs.has(message.correlationId) && this.reports.length < MAX_MESSAGES) this.reports.push(ownMessage(message));
  }

  /** True if another round may find more. `sawPart`: only messages that the known legs led to were seen, not all. */
  endRound(sawPart = false): boolean {
    const before = this.legs.size;
    const isLearned = this.known.size > this.knownBefore;
    const range = this.range();
    for (const [value, callIds] of this.holders) this.join(value, callIds, range);
    const isJoined = this.legs.size > before;
    if (isJoined) this.joinings++;
    const more = isJoined || (this.joins && (isLearned || (this.rounds === 1 && sawPart && this.messages.length > 0)));
    // Rounds that only learn values depend on the order of the messages, and on whether all of them are seen.
    if (more && (this.joinings >= MAX_ROUNDS || this.rounds >= 2 * MAX_ROUNDS)) {
      this.partial = `stopped looking for legs after ${MAX_ROUNDS} rounds`;
      return false;
    }
    return more;
  }

  /** Times of the first and the last message; unbounded if there are none. */
  range(): [number, number] {
    if (this.messages.length === 0) return [-Infinity, Infinity];
    let [from, to] = [Infinity, -Infinity];
    for (const { capturedAt } of this.messages) {
      from = Math.min(from, capturedAt);
      to = Math.max(to, capturedAt);
    }
    return [from, to];
  }

  /** Adds a leg found by numbers and times only. */
  guess(callId: string, value: string, base: string): void {
    if (this.legs.has(callId) || this.legs.size >= this.maxLegs) return;
    this.legs.set(callId, { callId, why: 'guess', value, guess: true, base });
  }

  /** Legs by the ladders they belong to. */
  groups(): Leg[][] {
    const sets = new Map<string, LegSet>();
    const setOf = (callId: string) => {
      const set = sets.get(callId) ?? new LegSet(callId);
      sets.set(callId, set);
      return set;
    };
    const holders = new Map<string, string>();
    const link = (value: string, callId: string) => {
      if (this.legs.has(value)) setOf(callId).join(setOf(value), Infinity);
      const other = holders.get(value);
      if (other === undefined) holders.set(value, callId);
      else setOf(callId).join(setOf(other), Infinity);
    };
    for (const message of this.messages)
      if (this.joins)
        for (const { value } of legKeys(message, message.sip!, this.headers))
          if (!this.tooCommon.has(value)) link(value, message.sip!.callId);
    for (const { callId, guess, base } of this.legs.values()) if (guess) setOf(callId).join(setOf(base), Infinity);
    const groups = new Map<LegSet, Leg[]>();
    for (const leg of this.legs.values()) {
      const root = setOf(leg.callId).root();
      groups.set(root, [...(groups.get(root) ?? []), leg]);
    }
    return [...groups.values()];
  }

  private hold(value: string, { sip, capturedAt }: Message): void {
    const callId = detached(sip!.callId);
    const callIds = this.holders.get(value);
    if (callIds === undefined) this.holders.set(detached(value), new Map([[callId, capturedAt]]));
    else if (callIds.size <= MAX_LEGS && !callIds.has(callId)) callIds.set(callId, capturedAt);
  }

  /** `range`: that of the legs known before this round. */
  private join(value: string, callIds: ReadonlyMap<string, number>, range: readonly [number, number]): void {
    if (callIds.size > MAX_LEGS) {
      this.tooCommon.add(value);
      this.known.delete(value);
      return;
    }
    for (const [callId, at] of callIds) {
      if (this.legs.has(callId) || at < range[0] - LEG_MARGIN || at > range[1] + LEG_MARGIN) continue;
      if (this.legs.size >= this.maxLegs) {
        this.partial = `stopped at ${this.maxLegs} legs`;
        return;
      }
      this.legs.set(callId, { callId, why: this.known.get(value) ?? 'Call-ID', value, guess: false, base: '' });
      for (const [named, why] of this.candidates.get(callId) ?? []) if (!this.known.has(named)) this.known.set(named, why);
    }
  }

  /** A copy: a slice would keep its whole chunk of the file in memory. */
  private keep(message: Message): void {
    if (this.messages.length >= MAX_MESSAGES) {
      this.partial = `only the first ${MAX_MESSAGES} messages`;
      return;
    }
    this.messages.push(ownMessage(message));
  }
}

function ownMessage(message: Message): Message {
  return { ...message, payload: Buffer.from(message.payload), envelope: null, frames: NO_FRAMES };
}
