/**
 * Which calls are legs of each other, as far as known while messages arrive. A value that would link more than fifty
 * Call-IDs (a constant, a trunk's id) is not a key.
 */
import { detached, type Message, type SipFields } from '../../base/index.js';
import type { Call } from '../tracking/call.js';
import { legKeys, mayName, type LegHeader } from './leg-rules.js';
import { LegSet } from './leg-set.js';

export const MAX_LEGS = 50;
/** Values in one generation; two generations are kept. */
const MAX_VALUES = 50_000;

export class LegLinks {
  headers: readonly LegHeader[] = [];
  /** Values that would have linked too many calls. */
  readonly tooCommon = new Set<string>();
  private young = new Map<string, LegSet>();
  private old = new Map<string, LegSet>();

  /** `find`: the open call of a Call-ID. */
  constructor(private readonly find: (callId: string) => Call | undefined) {}

  begin(call: Call): void {
    const named = this.setOf(call.callId);
    if (named === undefined) return;
    call.isFurtherLeg = true;
    this.join(call, named, call.callId);
  }

  /** Learns from requests that begin calls, from answers, and from messages that name another leg. */
  learn(call: Call, message: Message, sip: SipFields): void {
    if (call.kind !== 'call' || !mayName(message, sip)) return;
    for (const { value } of legKeys(message, sip, this.headers)) this.link(call, value);
  }

  private link(call: Call, value: string): void {
    if (this.tooCommon.has(value)) return;
    const other = this.find(value);
    if (other !== undefined && other !== call) {
      (other.startedAt <= call.startedAt ? call : other).isFurtherLeg = true;
      this.join(call, (other.legs ??= new LegSet(other.callId)), value);
    }
    const same = this.setOf(value);
    if (same !== undefined) {
      if (!same.callIds.includes(call.callId)) call.isFurtherLeg = true;
      this.join(call, same, value);
    } else {
      if (this.young.size >= MAX_VALUES) {
        this.old = this.young;
        this.young = new Map();
      }
      this.young.set(detached(value), (call.legs ??= new LegSet(call.callId)));
    }
  }

  private setOf(value: string): LegSet | undefined {
    return this.young.get(value) ?? this.old.get(value);
  }

  private join(call: Call, other: LegSet, value: string): void {
    call.legs ??= new LegSet(call.callId);
    if (!call.legs.join(other, MAX_LEGS)) this.tooCommon.add(value);
  }
}
