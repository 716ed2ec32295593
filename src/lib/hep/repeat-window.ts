/**
 * Which identified messages were received already: for each sender and stream its last sequences. What is remembered is
 * bounded; the streams not used for the longest time give way.
 */
import { SequenceWindow } from './sequence-window.js';

export interface RepeatLimits {
  /** Streams remembered. */
  streams: number;
  /** Sequences remembered of each. */
  sequences: number;
  /** Sequences remembered of all of them, 20 bytes each. */
  total: number;
}

export const REPEAT_LIMITS: RepeatLimits = { streams: 1024, sequences: 131_072, total: 4_194_304 };

/** `other`: another message was received under this identity. */
export type RepeatVerdict = 'new' | 'repeat' | 'other';

/** The check of a restored sequence whose content is not known. */
export const ANY_CONTENT = 0;

interface Known {
  sender: string;
  stream: bigint;
  window: SequenceWindow;
}

export class RepeatWindow {
  /** The stream used longest ago first. */
  private readonly streams = new Map<string, Known>();
  private last: Known | null = null;
  private total = 0;

  constructor(private readonly limits: RepeatLimits = REPEAT_LIMITS) {}

  /** Streams, and sequences that there is room for. */
  get size(): { streams: number; room: number } {
    return { streams: this.streams.size, room: this.total };
  }

  /** Remembers what is new. `check` as `contentCheck` gives it. */
  take(sender: string, stream: bigint, sequence: number, check: number): RepeatVerdict {
    const { window } = this.known(sender, stream);
    const before = window.checkOf(sequence);
    if (before >= 0) return before === check || before === ANY_CONTENT || check === ANY_CONTENT ? 'repeat' : 'other';
    const room = window.room;
    window.add(sequence, check);
    if (window.room !== room) {
      this.total += window.room - room;
      this.shrink();
    }
    return 'new';
  }

  private known(sender: string, stream: bigint): Known {
    const { last } = this;
    if (last !== null && last.stream === stream && last.sender === sender) return last;
    const key = `${stream} ${sender}`;
    let known = this.streams.get(key);
    if (known === undefined) {
      known = { sender, stream, window: new SequenceWindow(this.limits.sequences) };
      this.total += known.window.room;
    } else this.streams.delete(key);
    this.streams.set(key, known);
    this.last = known;
    this.shrink();
    return known;
  }

  private shrink(): void {
    const { streams, limits } = this;
    for (const [key, known] of streams) {
      if ((streams.size <= limits.streams && this.total <= limits.total) || known === this.last) return;
      streams.delete(key);
      this.total -= known.window.room;
    }
  }
}

const PRIME = 0x01000193;

/** A check of bytes[from..to), never ANY_CONTENT. */
export function contentCheck(bytes: Buffer, from: number, to: number): number {
  // Two sums side by side: a processor computes them at the same time.
  let one = to - from;
  let other = PRIME;
  let at = from;
  for (; at + 8 <= to; at += 8) {
    one = Math.imul(one ^ word(bytes, at), PRIME) ^ (one >>> 15);
    other = Math.imul(other ^ word(bytes, at + 4), PRIME) ^ (other >>> 15);
  }
  for (; at < to; at++) one = Math.imul(one ^ bytes[at], PRIME) ^ (one >>> 15);
  return (Math.imul(one, PRIME) ^ other) >>> 0 || 1;
}

function word(bytes: Buffer, at: number): number {
  return bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
}
