/** RTP from the wire: learns from session descriptions what belongs to which call, and follows the streams. */
import { Counters } from '../base/index.js';
import { CallMedia } from '../calls/quality/call-media.js';
import type { Packet } from '../decode/index.js';
import { StreamTable, streamReport, type RtpStream, type StreamLimits, type StreamReport } from '../media/index.js';

export interface MediaWatchOptions {
  /** Streams that no description announces are wanted as well. */
  guess: boolean;
  limits?: StreamLimits;
  /** Called with each stream that makes room for others. */
  onEvict?(report: StreamReport): void;
}

export class MediaWatch {
  /** Shared with whoever reads RTCP. */
  readonly known = new CallMedia();
  private readonly table: StreamTable;
  private isOver = false;
  /** Takes what comes when the input is read once more; null takes nothing. */
  afterwards: ((packet: Packet) => boolean) | null = null;

  constructor({ guess, limits, onEvict }: MediaWatchOptions) {
    const evict = onEvict === undefined ? undefined : (stream: RtpStream) => onEvict(this.report(stream));
    this.table = new StreamTable(this.known.media, guess, limits, evict);
  }

  get packets(): number {
    return this.table.packets;
  }

  get size(): number {
    return this.table.size;
  }

  learn(payload: Buffer, capturedAt: number): void {
    this.known.learn(payload, capturedAt);
  }

  /** False where the datagram is of no stream, or all have been seen. */
  take(packet: Packet): boolean {
    return this.isOver ? this.afterwards !== null && this.afterwards(packet) : this.table.take(packet);
  }

  /** The input has ended: where it is read once more, for other legs, the same packets do not count again. */
  finish(): Counters {
    const counters = new Counters();
    const { evicted, unknownEvicted } = this.table;
    if (!this.isOver && evicted > 0) counters.add('rtp_streams_evicted', evicted);
    if (!this.isOver && unknownEvicted > 0) counters.add('rtp_unknown_evicted', unknownEvicted);
    this.isOver = true;
    return counters;
  }

  /** All streams that are still there. */
  reports(): StreamReport[] {
    return this.table.streams().map((stream) => this.report(stream));
  }

  reportsOf(callId: string): StreamReport[] {
    return this.table.streamsOf(callId).map((stream) => this.report(stream));
  }

  /** Forgets the streams of a call that is over. */
  release(callId: string): void {
    this.table.release(callId);
  }

  private report(stream: RtpStream): StreamReport {
    return streamReport(stream, this.table.momentsOf(stream));
  }
}
