/** One of the conditions that a filter consists of. */
import type { Message, SipFields } from '../../base/index.js';
import type { Condition } from '../../store/read/index.js';

/** The message being tested; its SIP is parsed when a condition needs it. */
export interface Subject {
  readonly message: Message;
  /** Null if the payload is not SIP. */
  sip(): SipFields | null;
}

export interface Term {
  /** As it was written: `--from-user alice`. */
  readonly text: string;
  passes(subject: Subject): boolean;
  /** The part that a database can evaluate, null for none. */
  readonly condition: Condition | null;
  /** Whether that is the complete term. */
  readonly isExact: boolean;
}
