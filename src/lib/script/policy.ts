/** What is done with each message instead of the default, and what a policy needs of the node or run that it decides for. */
import type { Message } from '../base/index.js';
import type { Ledger } from '../base/ledger.js';
import type { RowOverride } from '../pipeline/output/message-rows.js';
import type { Environment } from '../pipeline/options.js';
import type { SipTally } from './sip-tally.js';

export interface Policy {
  /** Enters the message into the books and hands it on; false when a sink is full. */
  message(message: Message): boolean;
}

export interface PolicyNode {
  readonly ledger: Ledger;
  readonly env: Environment;
  readonly tally: SipTally;
  /** The switch for the storing of SIP. */
  readonly captureOn: boolean;
  readonly outputs: {
    /** Whatever a message can be stored into. */
    readonly databases: readonly unknown[];
    /** Whatever gets every message. */
    readonly targets: readonly unknown[];
    store(message: Message, override: RowOverride): boolean;
    relay(message: Message): boolean;
  };
  /** What is done without a script; enters the books. */
  storeByDefault(message: Message): boolean;
}
