/** HEP packets off sockets to messages; keeps the books of packets. */
import { AddressTextCache, isFault, type FaultCode, type Message, type Ledger } from '../base/index.js';
import type { HepArrival } from '../capture/hep/index.js';
import { HepDecoder, type HepDecoderOptions } from '../hep/index.js';

/** What is no HEP at all is a packet without a message; anything else that is refused is a message lost. */
const NOISE: ReadonlySet<FaultCode> = new Set(['not_hep', 'plain_sip', 'http', 'heplify_protobuf', 'hello']);

export class HepExtractor {
  private readonly decoder: HepDecoder;

  /** `hasRoom`: false while nothing of what comes over UDP could be kept; decoding it would only make that last longer. */
  constructor(
    private readonly ledger: Ledger,
    private readonly dispatch: (message: Message) => boolean,
    options: Omit<HepDecoderOptions, 'addressTexts'> = {},
    private readonly hasRoom: () => boolean = () => true,
  ) {
    this.decoder = new HepDecoder({ ...options, addressTexts: new AddressTextCache() });
  }

  /** False when a sink is full. */
  arrival(arrival: HepArrival): boolean {
    if (arrival.peer.transport === 'udp' && !this.hasRoom()) {
      this.ledger.dropped.add('overload');
      return false;
    }
    return this.decode(arrival);
  }

  /** The same whatever the sinks say. */
  decode(arrival: HepArrival): boolean {
    const { ledger } = this;
    ledger.received++;
    ledger.bytes += arrival.to - arrival.from;
    const message = this.decoder.decode(arrival.bytes, arrival.from, arrival.to, arrival.receivedAt, arrival.peer);
    if (isFault(message)) {
      if (NOISE.has(message.fault)) {
        ledger.without.add(message.fault);
        return true;
      }
      ledger.complete++;
      ledger.found++;
      ledger.rejected.add(message.fault);
      return true;
    }
    if (ledger.firstAt === 0) ledger.firstAt = message.capturedAt;
    ledger.lastAt = message.capturedAt;
    ledger.complete++;
    ledger.found++;
    return this.dispatch(message);
  }

  finish(): void {
    for (const [reason, count] of this.decoder.counters.entries()) this.ledger.notes.add(reason, count);
  }
}
