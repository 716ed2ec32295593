/**
 * Everything that one target has yet to get, in order, and the books about it. The order of age is:
 * under way (handed to the network, not known to have arrived), spool, memory queue. So while the spool
 * has something unread, newer packets join it, and everything under way is in the spool as well.
 *
 * Law: received = sent + waiting + lost, where `received` includes what the spool held at the start.
 */
import { Counters, type Clock } from '../../base/index.js';
import type { SpoolLog } from '../spool/index.js';
import { PacketQueue } from './packet-queue.js';
import type { RateLimit } from './rate-limit.js';
import { SentLog, type SentPiece } from './sent-log.js';
import { Slabs } from './slabs.js';
import { splitPiece } from './streamable.js';

/** Pause before a spool that the system does not read is asked again. */
const READ_AGAIN_MS = 500;

export interface BacklogOptions {
  clock: Clock;
  spool: SpoolLog | null;
  /** Limits what is sent out of the spool; null is no limit. */
  rate: RateLimit | null;
  /** Bound of the memory queue. */
  queueBytes: number;
  /** What was sent on a stream is kept up to this many bytes, and this long. */
  tailBytes: number;
  tailSeconds: number;
}

export class Backlog {
  /** Packets offered, without those that the spool held at the start. */
  offered = 0;
  /** Packets that the system took, each time counted that it took them; and how many of them were taken back to be sent again. */
  transmitted = 0;
  resent = 0;
  /** Spool number of the packet that `nextSpooled` gave last. */
  lastRecord = 0;
  readonly slabs = new Slabs();
  private readonly dropped = new Counters();
  private readonly queue = new PacketQueue();
  private readonly sentLog = new SentLog();
  private down = false;

  constructor(private readonly options: BacklogOptions) {}

  /** Takes a packet; what cannot be kept is counted. */
  enqueue(packet: Buffer): void {
    this.offered++;
    const { queue } = this;
    const { spool } = this.options;
    if (spool !== null && queue.count === 0 && (this.down || spool.unread > 0) && spool.append(packet)) return;
    if (queue.count === 0 || queue.bytes + packet.length <= this.options.queueBytes) {
      queue.push(packet);
      if (this.down) this.spill();
    } else if (spool === null) {
      this.dropped.add('queue_full');
    } else if (!this.spill() || !spool.append(packet)) {
      this.dropped.add(spool.refusal || 'queue_full');
    }
  }

  /** Counts a packet that this target cannot take at all. */
  refuse(reason: string): void {
    this.offered++;
    this.dropped.add(reason);
  }

  /** True while the spool has what must go before the queue. */
  get spoolFirst(): boolean {
    return this.options.spool !== null && this.options.spool.unread > 0;
  }

  /** The next packet out of the spool, or null: nothing there, or the rate says wait (`waitMs`). */
  nextSpooled(): Buffer | null {
    const { rate } = this.options;
    const spool = this.options.spool!;
    if (rate !== null && !rate.take(spool.unread)) return null;
    const record = spool.read();
    if (record !== null) {
      this.lastRecord = record.number;
      return record.payload;
    }
    // The disk refuses its newest records: they go by way of memory.
    const refused = spool.takeRefused();
    for (let i = refused.length - 1; i >= 0; i--) this.queue.unshift(refused[i]);
    return null;
  }

  /** The next packet out of memory, or null. */
  nextLive(): Buffer | null {
    return this.queue.shift();
  }

  /** Milliseconds until the rate lets the spool go on, or until it is read again; 0 where neither holds it up. */
  get waitMs(): number {
    if (this.spoolFirst && this.options.spool!.readFailure !== '') return READ_AGAIN_MS;
    return this.options.rate === null || !this.spoolFirst ? 0 : this.options.rate.waitMs();
  }

  /** These packets were handed to the network; `alone` says that the memory is the piece's own, out of `slabs`. */
  markInFlight(bytes: Buffer, packets: number, alone: boolean, record: number): void {
    this.sentLog.push(bytes, packets, alone, record, this.options.clock.monotonic());
  }

  /** The system took the oldest packets in flight: that many, as they were handed over. */
  completed(packets: number): void {
    this.sentLog.complete(packets);
    this.transmitted += packets;
  }

  /** The oldest piece counts as arrived. */
  confirm(): void {
    const piece = this.sentLog.shift();
    if (piece === null) return;
    if (piece.record > 0) this.options.spool!.acknowledge(piece.record);
    if (piece.alone) this.slabs.give(piece.bytes);
  }

  /** Streams: what is too old or too much to be kept counts as arrived. */
  confirmOld(): void {
    const { clock, tailBytes, tailSeconds } = this.options;
    for (;;) {
      const piece = this.sentLog.oldestCompleted();
      if (piece === null) return;
      if (this.sentLog.bytes <= tailBytes && clock.monotonic() - piece.sentAtMs <= tailSeconds * 1000) return;
      this.confirm();
    }
  }

  /** The other side has had what was sent before then. */
  confirmBefore(sentAtMs: number): void {
    for (let piece = this.sentLog.oldestCompleted(); piece !== null && piece.sentAtMs < sentAtMs; piece = this.sentLog.oldestCompleted())
      this.confirm();
  }

  /** The connection ended well: all of it arrived. */
  confirmAll(): void {
    this.completed(this.sentLog.inFlight);
    while (this.sentLog.packets > 0) this.confirm();
  }

  /** The oldest packet under way can never be sent. */
  dropOldest(reason: string): void {
    this.confirm();
    this.dropped.add(reason);
  }

  /** The target is away: what was under way comes back in its place, and the disk takes over. */
  suspend(): void {
    this.down = true;
    this.resent += this.sentLog.packets - this.sentLog.inFlight;
    const pieces = this.sentLog.takeAll();
    const { spool } = this.options;
    const kept: Buffer[] = [];
    spool?.rewind();
    for (const piece of pieces) {
      if (piece.record > 0) continue;
      for (const packet of splitPiece(piece)) if (spool === null || kept.length > 0 || !spool.append(packet)) kept.push(packet);
    }
    for (let i = kept.length - 1; i >= 0; i--) this.queue.unshift(kept[i]);
    this.spill();
  }

  resume(): void {
    this.down = false;
  }

  /** Ends the books: what memory still holds goes to the spool, or is counted. */
  end(): void {
    this.suspend();
    const reason = this.options.spool === null ? 'target_down' : this.options.spool.refusal || 'target_down';
    if (this.queue.count > 0) this.dropped.add(reason, this.queue.count);
    while (this.queue.shift() !== null);
  }

  /** True when a source that can wait should. */
  get full(): boolean {
    return this.queue.bytes > this.options.queueBytes / 2;
  }

  get queuedBytes(): number {
    return this.queue.bytes;
  }

  /** Packets that only memory holds and nobody sends yet. */
  get queued(): number {
    return this.queue.count + this.sentLog.inFlight;
  }

  /** Packets that wait in the spool. */
  get spooled(): number {
    return this.options.spool?.unread ?? 0;
  }

  get waiting(): number {
    return this.queued + this.spooled;
  }

  /** Packets on their way: a crash of the target could still undo them. */
  get unconfirmed(): number {
    return this.sentLog.packets;
  }

  get received(): number {
    return this.offered + (this.options.spool?.recovered ?? 0);
  }

  get sent(): number {
    return this.transmitted - this.resent;
  }

  /** Losses by reason, those of the spool included. */
  lost(): Counters {
    const all = new Counters();
    for (const [reason, count] of this.dropped.entries()) all.add(reason, count);
    for (const [reason, count] of this.options.spool?.lost.entries() ?? []) all.add(reason, count);
    return all;
  }

  /** Moves the queue into the spool; false where something is left. */
  private spill(): boolean {
    const { spool } = this.options;
    const { queue } = this;
    if (queue.count === 0) return true;
    if (spool === null || !this.backUnderWay(spool)) return false;
    for (let packet = queue.peek(); packet !== null; packet = queue.peek()) {
      if (!spool.append(packet)) return false;
      queue.shift();
    }
    return true;
  }

  /** Brings what is under way into the spool too, before newer packets go there; false where the disk refuses. */
  private backUnderWay(spool: SpoolLog): boolean {
    if (spool.unread > 0 || this.sentLog.packets === 0) return true;
    const completed = this.sentLog.packets - this.sentLog.inFlight;
    const backed: SentPiece[] = [];
    let whole = true;
    for (const piece of this.sentLog.takeAll()) {
      if (piece.record > 0 || !whole) {
        backed.push(piece);
        continue;
      }
      let record = 0;
      let bytes = 0;
      let packets = 0;
      for (const packet of splitPiece(piece)) {
        const number: number = spool.appendRead(packet);
        if (number === 0) break;
        record = number;
        bytes += packet.length;
        packets++;
      }
      whole = packets === piece.packets;
      if (packets > 0)
        backed.push({ bytes: piece.bytes.subarray(0, bytes), packets, alone: whole && piece.alone, record, sentAtMs: piece.sentAtMs });
      if (!whole)
        backed.push({
          bytes: piece.bytes.subarray(bytes),
          packets: piece.packets - packets,
          alone: false,
          record: 0,
          sentAtMs: piece.sentAtMs,
        });
    }
    this.sentLog.replace(backed, completed);
    return whole;
  }
}
