/** Counts of each method and status, for metrics. */
import { Counters, type SipFields } from '../base/index.js';
import { SIP_METHODS } from '../sip/index.js';

/** Further methods are counted as one: a sender could invent any number of them. */
const METHODS: ReadonlySet<string> = new Set(SIP_METHODS);

export class SipTally {
  readonly methods = new Counters();
  readonly statuses = new Counters();

  add({ kind, method }: SipFields): void {
    if (kind === 2) this.statuses.add(/^[1-6]\d\d$/.test(method) ? method : 'other');
    else this.methods.add(METHODS.has(method) ? method : 'other');
  }
}
