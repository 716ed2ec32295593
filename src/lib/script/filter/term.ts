/** One of the conditions that a filter consists of. */
import type { Message, SipFields } from '../../base/index.js';
import type { Condition } from '../../store/read/index.js';

/** The message that is looked at; its SIP is read when a condition needs it. */
export interface Subject {
  readonly message: Message;
  /** Null where the payload is not SIP. */
  sip(): SipFields | null;
}

export interface Term {
  /** As it was written: `--from-user alice`. */
  readonly text: string;
  passes(subject: Subject): boolean;
  /** What a database can tell of it, null for nothing. */
  readonly condition: Condition | null;
  /** Whether that is all of it. */
  readonly isExact: boolean;
}
