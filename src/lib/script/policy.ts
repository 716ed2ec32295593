/** What is done with each message instead of the default, and what a policy needs of the node or run that it decides for. */
import type { Script } from '../route/index.js';
import type { Environment, Ledger, Message } from '../base/index.js';
import type { RowOverride } from '../pipeline/output/message-rows.js';
import type { OpenTarget } from './script-targets.js';
import type { SipTally } from './sip-tally.js';

/** What of the settings a script needs. */
export interface ScriptSettings {
  script: Script | null;
  /** `none`, `sip` or a route's name. */
  hepRoute: string;
  scriptVersion: '' | '2' | '3';
  /** Functions that are not here; an error where it is not given. */
  unknownFunctions?: 'error' | 'skip';
}

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

/** Makes what is done with messages out of settings; null stores every SIP message. */
export type PolicyFactory = (settings: ScriptSettings, node: PolicyNode, openTarget: OpenTarget) => Policy | null;
