/** What selects messages before anything is done with them; the intake counts those that are left out. */
import type { Message } from '../base/index.js';

/** Reads a payload as SIP; '' where `message.sip` is set then, else why it is not SIP. */
export interface SipReader {
  sip(message: Message): string;
}

/** Why a message does not pass: a condition, or that its end is missing; '' where it passes. */
export type Objection = '' | 'where' | 'cut';

export interface MessageFilter {
  /** What it selects, as text: part of what a file's stored position depends on. */
  readonly key: string;
  passes(message: Message, reader: SipReader): boolean;
  objection(message: Message, reader: SipReader): Objection;
}
