/** The contract of message handlers, and the default handler, which stores and relays everything. */
import { PAYLOAD_SIP, type Ledger, type Message } from '../base/index.js';
import type { MessagePreparer } from '../extract/prepare-message.js';
import type { RowOverride } from './output/message-rows.js';

/** Null if the message was delivered, else why not; the intake does the accounting. */
export type Outcome = null | { readonly as: 'filtered' | 'rejected'; readonly reason: string };

export interface Handler {
  /** Called for each prepared message in turn; must not block. */
  handle(message: Message, outputs: MessageOutputs): Outcome;
  /** Statistics of a script, by name, for the summary. */
  statistics?(): readonly [string, number][];
}

/** The outputs as seen by handlers. */
export interface MessageOutputs {
  /** False if one was full since the intake set it. */
  room: boolean;
  /** Whether anything stores or shows messages; whether anything relays every message. */
  readonly hasStores: boolean;
  readonly hasTargets: boolean;
  /** To databases, files and the terminal; false when one is full. */
  store(message: Message, override?: RowOverride | null): boolean;
  /** Only the quality report in a PUBLISH, which `store` stores beside the SIP row; true where there is one. */
  storePublished(message: Message): boolean;
  /** To the targets that get every message; false when one is full. */
  relay(message: Message): boolean;
}

export const filtered = (reason: string): Outcome => ({ as: 'filtered', reason });
export const rejected = (reason: string): Outcome => ({ as: 'rejected', reason });

/** The switch `capture_on`: off stops the storing of SIP, nothing else. */
export interface CaptureSwitch {
  readonly captureOn: boolean;
}

export class StoreAndRelay implements Handler {
  constructor(
    private readonly preparer: MessagePreparer,
    private readonly ledger: Ledger,
    private readonly switches: CaptureSwitch = { captureOn: true },
  ) {}

  handle(message: Message, outputs: MessageOutputs): Outcome {
    if (message.payloadType === PAYLOAD_SIP) {
      const wrong = this.preparer.sip(message);
      if (wrong !== '' && !outputs.hasTargets) return rejected(wrong);
      if (wrong !== '') this.ledger.notes.add(`not_stored_${wrong}`);
      else if (this.switches.captureOn) outputs.store(message);
      else if (outputs.storePublished(message) || outputs.hasTargets) this.ledger.notes.add('capture_off');
      else return filtered('capture_off');
    } else outputs.store(message);
    outputs.relay(message);
    return null;
  }
}
