/**
 * HEP3 packets from a byte stream (TCP, TLS), framed by their length. However the stream is segmented, the packets are the
 * same; junk is skipped up to the next "HEP3", and too much of it ends the stream.
 */
import { u16, u32 } from '../base/index.js';

const HEADER_BYTES = 6;
const MAGIC = 0x48455033;
/** Allowed by REV 37; accepted only where a packet must begin, never searched for. */
const OTHER_MAGIC = 0x45455033;
const MAGIC_BYTES = Buffer.from('HEP3', 'latin1');
const MAX_JUNK_BYTES = 65_536;
const MAX_PACKET_BYTES = 65_535;
const NOTHING = Buffer.alloc(0);

export type OnPacket = (bytes: Buffer, from: number, to: number) => void;

export class HepFramer {
  /** Bytes skipped so far. */
  skippedBytes = 0;
  /** Bytes that followed a gap and belong to the packet before it. */
  lostBytes = 0;
  /** Why `push` returned 'close'. */
  closedFor: '' | 'junk' | 'too_big' = '';
  private junkInARow = 0;
  private held: Buffer = NOTHING;
  private length = 0;
  /** Bytes still to arrive of a packet that is incomplete. */
  private passOver = 0;
  /** Total length of the held packet once its header is complete, 0 before. */
  private needed = 0;

  constructor(private readonly maxPacketBytes = MAX_PACKET_BYTES) {}

  /** True while part of a packet is held. */
  get holding(): boolean {
    return this.length > 0;
  }

  /** Bytes of that part. */
  get heldBytes(): number {
    return this.length;
  }

  /** What is wrong with the stream if it ends here, after that many bytes. */
  endProblems(bytes: number): string[] {
    return [
      ...(this.holding ? [`ends within a packet (at byte ${bytes})`] : []),
      ...(this.skippedBytes > 0 ? [`${this.skippedBytes} bytes skipped: not HEP`] : []),
    ];
  }

  /** Delivers every whole packet, whose bytes the receiver may keep; 'close' if the stream cannot be framed any more. */
  push(bytes: Buffer, from: number, to: number, onPacket: OnPacket): 'ok' | 'close' {
    const passed = Math.min(this.passOver, to - from);
    this.passOver -= passed;
    this.lostBytes += passed;
    let at = from + passed;
    while (this.length > 0 && at < to) {
      // Copies only what the held packet needs.
      const goal = this.needed > 0 ? this.needed : HEADER_BYTES;
      const take = Math.min(goal - this.length, to - at);
      this.hold(bytes, at, at + take);
      at += take;
      if (this.length < goal) return 'ok';
      const held = this.held;
      const length = this.length;
      this.held = NOTHING;
      this.length = 0;
      const verdict = this.scan(held, 0, length, onPacket);
      if (verdict === 'close') return verdict;
    }
    return at < to ? this.scan(bytes, at, to, onPacket) : 'ok';
  }

  /** `lost` bytes are missing (negative: unknown): the rest of the held packet is skipped; returns its beginning. */
  gap(lost: number): Buffer {
    const beginning = this.held.subarray(0, this.length);
    const left = this.passOver > 0 ? this.passOver : this.length > 0 && this.needed > 0 ? this.needed - this.length : -1;
    this.held = NOTHING;
    this.length = 0;
    this.passOver = lost < 0 ? 0 : Math.max(0, left - lost);
    return beginning;
  }

  private scan(bytes: Buffer, from: number, to: number, onPacket: OnPacket): 'ok' | 'close' {
    let at = from;
    while (at < to) {
      if (to - at < HEADER_BYTES) {
        if (couldBegin(bytes, at, to, this.isSearching)) {
          this.needed = 0;
          this.hold(bytes, at, to);
          return 'ok';
        }
        at = this.skip(bytes, at, to);
      } else if (!this.begins(u32(bytes, at)) || u16(bytes, at + 4) < HEADER_BYTES) {
        at = this.skip(bytes, at, to);
      } else {
        const total = u16(bytes, at + 4);
        if (total > this.maxPacketBytes) return this.close('too_big');
        if (to - at < total) {
          this.needed = total;
          this.hold(bytes, at, to);
          return 'ok';
        }
        this.junkInARow = 0;
        this.needed = 0;
        onPacket(bytes, at, at + total);
        at += total;
      }
      if (this.junkInARow > MAX_JUNK_BYTES) return this.close('junk');
    }
    return 'ok';
  }

  /** In junk, whose end is the next "HEP3". */
  private get isSearching(): boolean {
    return this.junkInARow > 0;
  }

  private begins(word: number): boolean {
    return word === MAGIC || (word === OTHER_MAGIC && !this.isSearching);
  }

  /** Skips at least one byte, to the next place where a packet could begin. */
  private skip(bytes: Buffer, at: number, to: number): number {
    let next = bytes.indexOf(MAGIC_BYTES, at + 1);
    if (next < 0 || next + 4 > to) {
      next = Math.max(at + 1, to - 3);
      while (next < to && !couldBegin(bytes, next, to, true)) next++;
    }
    this.skippedBytes += next - at;
    this.junkInARow += next - at;
    return next;
  }

  private close(reason: 'junk' | 'too_big'): 'close' {
    this.closedFor = reason;
    return 'close';
  }

  private hold(bytes: Buffer, from: number, to: number): void {
    const length = this.length + to - from;
    if (this.held.length < length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(length, this.needed, HEADER_BYTES));
      this.held.copy(larger, 0, 0, this.length);
      this.held = larger;
    }
    bytes.copy(this.held, this.length, from, to);
    this.length = length;
  }
}

/** True if the bytes begin a magic number; the two differ in their first byte, and only one of them is searched for. */
function couldBegin(bytes: Buffer, from: number, to: number, isSearching: boolean): boolean {
  if (bytes[from] !== MAGIC_BYTES[0] && (isSearching || bytes[from] !== 0x45)) return false;
  for (let i = 1; i < Math.min(4, to - from); i++) if (bytes[from + i] !== MAGIC_BYTES[i]) return false;
  return true;
}
