/** HEP packets to what is made of them, with the accounting of packets: the only one. */
import { isFault, type Fault, type FaultCode, type Ledger } from '../base/index.js';
import type { HepArrival } from '../capture/hep/index.js';

/** What is not HEP at all is a packet without a message; anything else that is refused is a message lost. */
const NOISE: ReadonlySet<FaultCode> = new Set(['not_hep', 'plain_sip', 'http', 'heplify_protobuf', 'hello']);

/** What is made of a packet: a message, or the packet itself where it is relayed unread. */
export interface Extracted {
  /** Microseconds since 1970. */
  capturedAt: number;
}

export class HepExtractor<T extends Extracted> {
  constructor(
    private readonly ledger: Ledger,
    private readonly read: (arrival: HepArrival) => T | Fault,
    private readonly deliver: (item: T) => boolean,
  ) {}

  /** Takes one packet; false when an output is full. */
  take(arrival: HepArrival): boolean {
    const { ledger } = this;
    ledger.received++;
    ledger.bytes += arrival.to - arrival.from;
    const item = this.read(arrival);
    if (isFault(item) && NOISE.has(item.fault)) {
      ledger.without.add(item.fault);
      return true;
    }
    ledger.complete++;
    ledger.found++;
    if (isFault(item)) {
      ledger.rejected.add(item.fault);
      return true;
    }
    if (ledger.firstAt === 0) ledger.firstAt = item.capturedAt;
    ledger.lastAt = item.capturedAt;
    return this.deliver(item);
  }
}
