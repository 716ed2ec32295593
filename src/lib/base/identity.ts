/**
 * The identity of a message, `(stream, sequence)`, given once by the first node that takes it. Live: a random stream per run
 * and a running number. In a capture file: the digest of the file's beginning and the message's place, which depends
 * neither on options nor on which files are read together.
 */
import { createHash, randomBytes } from 'node:crypto';

/** Identified messages are numbered from 1 on; this stream has none. */
export const NO_STREAM = 0n;

/** Zero, but a double: places are too large for small integers, and V8 changes the shape of every message where they replace one. */
export const NO_SEQUENCE = -0;

/** What a message in a capture file was found as. */
export const PLACE_KINDS = { sip: 1, hep: 2, rtcp: 3, mediaReport: 4 } as const;
export type PlaceKind = (typeof PLACE_KINDS)[keyof typeof PLACE_KINDS];

const KINDS = 16;
const OFFSETS = 0x10000;
const PLACES_PER_FRAME = KINDS * OFFSETS;
const DIGEST_DIGITS = 16;

export function randomStream(): bigint {
  for (;;) {
    const stream = randomBytes(8).readBigUInt64BE(0);
    if (stream !== NO_STREAM) return stream;
  }
}

/** The first 8 bytes of a hex digest; random if there is no digest. */
export function streamOfDigest(digest: string): bigint {
  const stream = digest.length < DIGEST_DIGITS ? NO_STREAM : BigInt(`0x${digest.slice(0, DIGEST_DIGITS)}`);
  return stream === NO_STREAM ? randomStream() : stream;
}

/** The stream that a name, or the beginning of a file, stands for. */
export function streamOfBytes(bytes: Buffer | string): bigint {
  return streamOfDigest(createHash('sha256').update(bytes).digest('hex'));
}

/** Places in the current frame, each given once. */
export class Places {
  /** The first one is kept apart: most frames have one message, and each clear() of a Set leaves garbage that outlives scavenges. */
  private hasFirst = false;
  private first: number | string = 0;
  private readonly others = new Set<number | string>();

  /** The next frame begins. */
  clear(): void {
    this.hasFirst = false;
    if (this.others.size > 0) this.others.clear();
  }

  /**
   * Record number of the completing frame, offset of the message's last byte in it, kind. `source`: the file, where several
   * may end at once; -1 otherwise.
   */
  next(frame: number, offset: number, kind: PlaceKind, source = -1): number {
    for (let at = offset & (OFFSETS - 1); ; at = (at + 1) & (OFFSETS - 1)) {
      const place = frame * PLACES_PER_FRAME + at * KINDS + kind;
      if (this.give(source < 0 ? place : `${source} ${place}`)) return place;
    }
  }

  /** False if it was given before. */
  private give(key: number | string): boolean {
    if (!this.hasFirst) {
      this.hasFirst = true;
      this.first = key;
      return true;
    }
    if (key === this.first || this.others.has(key)) return false;
    this.others.add(key);
    return true;
  }
}

/** Numbers the messages of one run that have no identity yet. */
export class Numbering {
  private stream = NO_STREAM;
  private last = 0;

  identify(message: { stream: bigint; sequence: number }): void {
    if (message.stream !== NO_STREAM) return;
    if (this.stream === NO_STREAM) this.stream = randomStream();
    message.stream = this.stream;
    message.sequence = ++this.last;
  }
}
