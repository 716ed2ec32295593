/** The model of a ladder, before it is drawn: lanes, messages between them, and annotations. */
import { columnsOf, cutTo, type Message } from '../../base/index.js';
import type { Leg } from '../legs/leg-finder.js';
import type { CallSummary } from '../summary/call-summary.js';

export interface Participant {
  /** The heading of the lane. */
  label: string;
  /** Addresses and ports that it represents. */
  endpoints: string[];
}

export interface LadderMessage {
  /** From 1, in the order of the ladder. */
  n: number;
  at: number;
  /** Microseconds after the message above, 0 for the first. */
  delta: number;
  /** Lanes. */
  from: number;
  to: number;
  /** Index of its leg. */
  leg: number;
  isReply: boolean;
  /** Method, or status. */
  what: string;
  /** `INVITE (sdp)`, `200 OK (INVITE)`. */
  label: string;
  cseq: string;
  /** Branch. */
  transaction: string;
  /** `n` of the message that this one repeats, 0 if it is the first. */
  retransmissionOf: number;
  /** How often it was sent, including itself. */
  times: number;
  /** How many of these its row stands for: 1 if each has a row of its own. */
  folded: number;
  /** Capture nodes, where there are several. */
  seenBy: string[];
  /** A summary of the session description, or what changed in it; '' if nothing did. */
  sdp: string;
  notes: string[];
  message: Message;
}

/** A moment between messages: when the media were worst. */
export interface LadderMark {
  at: number;
  text: string;
}

export interface Ladder {
  calls: readonly CallSummary[];
  legs: readonly Leg[];
  participants: readonly Participant[];
  messages: readonly LadderMessage[];
  /** In the order of their times. */
  marks: readonly LadderMark[];
  /** Why the ladder may be incomplete, '' if it is complete. */
  partial: string;
}

/** The marks before a message, and with `null` those after the last. */
export function marksBefore({ marks, messages }: Ladder, message: LadderMessage | null): readonly LadderMark[] {
  if (marks.length === 0) return marks;
  const before = message === null ? messages.at(-1) : messages[message.n - 2];
  return marks.filter(({ at }) => at >= (before?.at ?? -Infinity) && (message === null || at < message.at));
}

/** What follows its label: how often it was sent, and that several nodes saw it. */
export function labelMarks({ folded, seenBy }: LadderMessage, again = '×', second = '◆'): string {
  return `${folded > 1 ? ` ${again}${folded}` : ''}${seenBy.length > 1 ? ` ${second}` : ''}`;
}

/** The label and its marks in so many columns: the label is shortened, the marks are why one looks. */
export function labelWithMarks(label: string, marks: string, room: number, ellipsis = '…'): string {
  return cutTo(label, room - columnsOf(marks), ellipsis) + marks;
}

/** A pause of at least this is a row of its own. */
export const SILENCE_MICROSECONDS = 5e6;
