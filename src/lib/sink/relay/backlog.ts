/**
 * Everything that one target has yet to receive, in order, and the counters about it. From oldest to newest: in flight
 * (handed to the network, not known to have arrived), spool, memory queue. While the spool has something unread,
 * newer packets join it, and everything in flight is in the spool as well.
 *
 * Law: received = sent + waiting + lost, where `received` includes what the spool held at the start.
 */
import { Counters, type Clock } from '../../base/index.js';
import type { SpoolLog } from '../spool/index.js';
import { PacketQueue } from './packet-queue.js';
import type { RateLimit } from './rate-limit.js';
import { SentLog, type SentPiece } from './sent-log.js';
import { Slabs } from './slabs.js';
import { spooledPieces } from './spooled-pieces.js';
import { splitPiece } from './streamable.js';

/** Pause before a spool that cannot be read now is read again. */
const READ_AGAIN_MS = 500;

export interface BacklogOptions {
  clock: Clock;
  spool: SpoolLog | null;
  /** Limits the rate from the spool; null means unlimited. */
  rate: RateLimit | null;
  /** Limit of the memory queue. */
  queueBytes: number;
  /** With more packets than this in the memory queue a source that can wait is paused. */
  fullPackets?: number;
  /** Where the kernel does not report acknowledgements: what was sent on a stream is kept up to this many bytes, and this long. */
  tailBytes: number;
  tailSeconds: number;
}

export class Backlog {
  /** Packets taken, without those that the spool held at the start. */
  offered = 0;
  /** Packets accepted by the kernel, counted each time; and how many of them were taken back to be sent again. */
  transmitted = 0;
  resent = 0;
  /** Packets that count as delivered. */
  confirmed = 0;
  /** Spool number of the packet that `nextSpooled` returned last. */
  lastRecord = 0;
  readonly slabs = new Slabs();
  private readonly dropped = new Counters();
  private readonly queue = new PacketQueue();
  private readonly sentLog = new SentLog();
  private down = false;

  constructor(private readonly options: BacklogOptions) {}

  /** Takes a packet; counts it if it cannot be kept. */
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

  /** Counts a packet that this target does not support. */
  refuse(reason: string): void {
    this.offered++;
    this.dropped.add(reason);
  }

  /** True while the spool holds packets, which go before the queue. */
  get spoolFirst(): boolean {
    return this.options.spool !== null && this.options.spool.unread > 0;
  }

  /** The next packet from the spool, or null: the spool is empty, or the rate requires a pause (`waitMs`). */
  nextSpooled(): Buffer | null {
    const { rate } = this.options;
    const spool = this.options.spool!;
    if (rate !== null && !rate.take()) return null;
    const record = spool.read();
    if (record === null) return null;
    this.lastRecord = record.number;
    return record.payload;
  }

  /** The next packet from memory, or null. */
  nextLive(): Buffer | null {
    return this.queue.shift();
  }

  /** Milliseconds until the rate permits the next packet of the spool, or until the spool is read again; 0 when neither delays it. */
  get waitMs(): number {
    if (this.spoolFirst && this.options.spool!.readFailure !== '') return READ_AGAIN_MS;
    return this.options.rate === null || !this.spoolFirst ? 0 : this.options.rate.waitMs();
  }

  /** These packets were handed to the network; `alone`: the memory is the piece's own, out of `slabs`. */
  markInFlight(bytes: Buffer, packets: number, alone: boolean, record: number, isContiguous = true): void {
    this.sentLog.push({ bytes, packets, alone, record, isContiguous, sentAtMs: this.options.clock.monotonic() });
  }

  /** The kernel took the oldest packets in flight: that many, as they were handed over. */
  completed(packets: number): void {
    this.sentLog.complete(packets);
    this.transmitted += packets;
  }

  /** The oldest piece counts as delivered. */
  confirm(): void {
    const piece = this.sentLog.shift();
    if (piece === null) return;
    this.confirmed += piece.packets;
    if (piece.record > 0) this.options.spool!.acknowledge(piece.record);
    if (piece.alone) this.slabs.give(piece.bytes);
  }

  /** Streams: pieces that end within the first `bytes` of the connection count as delivered. True where there were any. */
  confirmTo(bytes: number): boolean {
    const { confirmed, sentLog } = this;
    for (let piece = sentLog.oldestCompleted(); piece !== null && sentLog.position + piece.bytes.length <= bytes;) {
      this.confirm();
      piece = sentLog.oldestCompleted();
    }
    return this.confirmed > confirmed;
  }

  /** The same at the end of a connection, exact to the packet, including one partly accepted by the kernel. */
  confirmExactlyTo(bytes: number): void {
    const { sentLog } = this;
    for (let piece = sentLog.oldest; piece !== null && sentLog.position < bytes; piece = sentLog.oldest) {
      let packets = 0;
      let end = 0;
      for (const packet of splitPiece(piece)) {
        if (sentLog.position + end + packet.length > bytes) break;
        end += packet.length;
        packets++;
      }
      if (packets < piece.packets && (packets === 0 || (piece.record > 0 && !piece.isContiguous))) return;
      if (sentLog.oldestCompleted() === null) this.completed(piece.packets);
      if (packets === piece.packets) {
        this.confirm();
        continue;
      }
      this.confirmed += packets;
      if (piece.record > 0) this.options.spool!.acknowledge(piece.record - (piece.packets - packets));
      sentLog.shiftPart(packets, end);
    }
  }

  /** Where the kernel does not report acknowledgements: what is too old or too much to be kept counts as delivered. */
  confirmOld(): void {
    const { clock, tailBytes, tailSeconds } = this.options;
    for (;;) {
      const piece = this.sentLog.oldestCompleted();
      if (piece === null) return;
      if (this.sentLog.bytes <= tailBytes && clock.monotonic() - piece.sentAtMs <= tailSeconds * 1000) return;
      this.confirm();
    }
  }

  /** The oldest packet in flight can never be sent. */
  dropOldest(reason: string): void {
    this.confirm();
    this.confirmed--;
    this.dropped.add(reason);
  }

  /** The target is unreachable: packets in flight return to their place in the order, and the spool takes over. */
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

  /** A connection begins: nothing is in flight, and its bytes are counted from here. */
  resume(): void {
    this.down = false;
    this.sentLog.begin();
  }

  /** At the end: packets in memory go to the spool, or are counted as lost. */
  end(): void {
    this.suspend();
    const reason = this.options.spool === null ? 'target_down' : this.options.spool.refusal || 'target_down';
    if (this.queue.count > 0) this.dropped.add(reason, this.queue.count);
    while (this.queue.shift() !== null);
  }

  /** True when a source that can wait should pause. */
  get full(): boolean {
    return this.queue.bytes > this.options.queueBytes / 2 || this.queue.count >= (this.options.fullPackets ?? Infinity);
  }

  get queuedBytes(): number {
    return this.queue.bytes;
  }

  /** Packets only in memory and not accepted by the kernel. */
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

  /** Packets, and bytes, in flight: if the connection breaks they are sent again. */
  get unconfirmed(): number {
    return this.sentLog.packets;
  }

  get unconfirmedBytes(): number {
    return this.sentLog.bytes;
  }

  /** Bytes that the connection in use has delivered. */
  get confirmedBytes(): number {
    return this.sentLog.position;
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

  /** Moves the queue into the spool; false if something is left. */
  private spill(): boolean {
    const { spool } = this.options;
    const { queue } = this;
    if (queue.count === 0) return true;
    if (spool === null || !this.spoolInFlight(spool)) return false;
    for (let packet = queue.peek(); packet !== null; packet = queue.peek()) {
      if (!spool.append(packet)) return false;
      queue.shift();
    }
    return true;
  }

  /** Writes packets in flight to the spool too, before newer packets go there; false if the disk refuses. */
  private spoolInFlight(spool: SpoolLog): boolean {
    if (spool.unread > 0 || this.sentLog.packets === 0) return true;
    const completed = this.sentLog.packets - this.sentLog.inFlight;
    const pieces = this.sentLog.takeAll();
    const backed: SentPiece[] = [];
    let isWhole = true;
    for (const piece of pieces) {
      if (piece.record > 0 || !isWhole) backed.push(piece);
      else backed.push(...spooledPieces(piece, spool));
      isWhole = isWhole && backed[backed.length - 1].record > 0;
    }
    this.sentLog.replace(backed, completed);
    return isWhole;
  }
}
