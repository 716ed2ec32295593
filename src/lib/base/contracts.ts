/** The contracts between the rooms: who delivers to whom, who waits for whom. */
import type { Message } from './message.js';

/**
 * Takes one item and answers whether there is room for more. After `false` a source that can wait
 * (files, standard input, TCP, UDP with a ring of its own) waits until `ready()` of the receiver resolves;
 * one that cannot (UDP otherwise, live capture) goes on, and the receiver counts or spools what it cannot hold.
 */
export type Deliver<T> = (item: T) => boolean;

/** What can be asked to wait for. */
export interface Gate {
  /** Resolves when there is room again; at once where there is room now. */
  ready(): Promise<void>;
}

/** Where bytes come in. After `stop()` resolves, `deliver` is never called again. */
export interface Source<T> {
  /** Starts delivering; resolves when a finite source is at its end, or when stopped. */
  start(deliver: Deliver<T>, gate: Gate): Promise<void>;
  stop(): Promise<void>;
}

/** How far a finite source was read, and what its bytes were up to there. */
export interface Position {
  /** Content key of the source: digest of its bytes through its first record. */
  head: string;
  /** Records read so far. */
  frame: number;
  /** Messages delivered so far out of record `frame`. */
  index: number;
  /** Bytes (decompressed) through record `frame`, and their SHA-256 in hex. */
  bytes: number;
  digest: string;
  /** Digests kept along the source up to there, by which the beginning of it is recognised; absent in older positions. */
  marks?: string;
  /** Origins of messages that only the end of the source brought out, so that a grown file does not bring them again. */
  tail: string[];
}

/** Where messages leave. `accept` never waits and never throws. */
export interface Sink {
  readonly name: string;
  /** Takes the message; answers false when it is full (the message is still taken). */
  accept(message: Message): boolean;
  /** Resolves when there is room again. */
  ready(): Promise<void>;
  /** Everything accepted so far is out, or counted. */
  flush(): Promise<void>;
  /** Resolves within the deadline where one is given; what is not out by then is spooled or counted as lost. */
  close(deadlineMs?: number): Promise<void>;
  /** Law of accounting: delivered + before = written + refused + waiting + lost + present + transferred. */
  counts(): SinkCounts;
}

export interface SinkCounts {
  delivered: number;
  /** Taken over from an earlier run (a spool's backlog); absent where there is no such thing. */
  before?: number;
  written: number;
  /** Of `written`: sent, but nobody confirms that it arrived (HEP over UDP), or not yet; absent where there is no such thing. */
  unconfirmed?: number;
  refused: number;
  waiting: number;
  lost: number;
  /** Not written because they are there already (a file stored before with other settings); absent where there is no such thing. */
  present?: number;
  /** Left in a spool that another output of the same run took over, and counts as from before; absent where there is no such thing. */
  transferred?: number;
  /** Reasons for `refused` and `lost`, by name. */
  reasons: Record<string, number>;
}
