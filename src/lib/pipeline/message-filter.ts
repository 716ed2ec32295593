/** Selects messages before they are handled; the intake counts the rejected ones. */
import type { Message } from '../base/index.js';

/** Reads a payload as SIP; '' where `message.sip` is set then, else why it is not SIP. */
export interface SipReader {
  sip(message: Message): string;
}

/** Why a message does not pass: a condition, or a missing end; '' if it passes. */
export type Objection = '' | 'where' | 'cut';

export interface MessageFilter {
  /** What it selects, as text: part of the key of a file's stored position. */
  readonly key: string;
  passes(message: Message, reader: SipReader): boolean;
  objection(message: Message, reader: SipReader): Objection;
}
