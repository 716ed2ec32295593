/** What is done with each message: the contract of handlers, and the default one, which stores and relays everything. */
import { PAYLOAD_SIP, type Ledger, type Message } from '../base/index.js';
import type { MessagePreparer } from '../extract/prepare-message.js';
import type { RowOverride } from './output/message-rows.js';

/** Null where the message was delivered, else why it was not; the intake does the accounting. */
export type Outcome = null | { readonly as: 'filtered' | 'rejected'; readonly reason: string };

export interface Handler {
  /** Called for one message after the other, prepared; must not wait. */
  handle(message: Message, outputs: MessageOutputs): Outcome;
  /** What a script counted by itself, by name, for the summary. */
  statistics?(): readonly [string, number][];
}

/** What handlers see of the outputs. */
export interface MessageOutputs {
  /** False where one was full since the intake set it. */
  room: boolean;
  /** Whether anything stores or shows messages; whether anything relays every message. */
  readonly hasStores: boolean;
  readonly hasTargets: boolean;
  /** Into databases, files and the terminal; false when one is full. */
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
