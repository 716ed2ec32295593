/** HEP packets to messages (or to packets relayed unread), with the accounting of packets. */
import { isFault, type Fault, type FaultCode, type Ledger } from '../base/index.js';
import type { HepArrival } from '../capture/hep/index.js';

/** Non-HEP packets count as packets without a message; anything else that is refused is a rejected message. */
const NOISE: ReadonlySet<FaultCode> = new Set(['not_hep', 'plain_sip', 'http', 'heplify_protobuf', 'hello']);

/** The result of a packet: a message, or the packet itself if it is relayed unread. */
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

  /** Takes one packet; false if an output is full. */
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
