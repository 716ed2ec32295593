/** The contracts between the rooms: what delivers to what, and what waits for what. */
import type { Message } from './message.js';

/**
 * Takes one item and returns whether there is room for more. After `false` a source that can wait
 * (files, standard input, TCP, UDP with a ring of its own) waits until `ready()` of the receiver resolves;
 * one that cannot (other UDP, live capture) continues, and the receiver counts or spools what it cannot hold.
 */
export type Deliver<T> = (item: T) => boolean;

/** Something that a source can wait for. */
export interface Gate {
  /** Resolves when there is room again; immediately if there is room now. */
  ready(): Promise<void>;
}

/**
 * The waiting of one source for room, which ends when the source is stopped. Racing each wait against one promise of the end would
 * keep all of them in memory as long as that promise.
 */
export class RoomWait {
  stopped = false;
  private wake: () => void = () => {};

  /** Resolves when there is room at the gate, and at once when the source is stopped. One at a time. */
  at(gate: Gate): Promise<void> {
    if (this.stopped) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.wake = resolve;
      gate.ready().then(resolve, reject);
    });
  }

  stop(): void {
    this.stopped = true;
    this.wake();
  }
}

/** An input of bytes. After `stop()` resolves, `deliver` is never called again. */
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
  /** Messages delivered so far from record `frame`. */
  index: number;
  /** Bytes (decompressed) through record `frame`, and their SHA-256 in hex. */
  bytes: number;
  digest: string;
  /** Digests taken along the source up to there, which identify a prefix of it; absent in older positions. */
  marks?: string;
  /** Origins of messages released only at the end of the source, so that a grown file does not deliver them again. */
  tail: string[];
}

/** An output of messages. `accept` never waits and never throws. */
export interface Sink {
  readonly name: string;
  /** Takes the message; returns false when it is full (the message is still taken). */
  accept(message: Message): boolean;
  /** Resolves when there is room again. */
  ready(): Promise<void>;
  /** Resolves when everything accepted so far is written, or counted. */
  flush(): Promise<void>;
  /** Resolves within the deadline if one is given; what is not written by then is spooled or counted as lost. */
  close(deadlineMs?: number): Promise<void>;
  /** Law of accounting: delivered + before = written + refused + waiting + lost + present + transferred. */
  counts(): SinkCounts;
}

export interface SinkCounts {
  delivered: number;
  /** Taken over from an earlier run (a spool's backlog); absent if not applicable. */
  before?: number;
  written: number;
  /** Of `written`: sent, but delivery is unconfirmed (HEP over UDP), or not yet confirmed; absent if not applicable. */
  unconfirmed?: number;
  refused: number;
  waiting: number;
  lost: number;
  /** Not written because they are stored already (a file stored with other settings); absent if not applicable. */
  present?: number;
  /** Left in a spool that another output of the same run took over and counts as `before`; absent if not applicable. */
  transferred?: number;
  /** Of `transferred`: taken over by an output of the same name; absent if not applicable. */
  retaken?: number;
  /** The same of each shard of a database, by name; absent without shards. */
  shards?: Record<string, SinkCounts>;
  /** Reasons for `refused` and `lost`, by name. */
  reasons: Record<string, number>;
}
