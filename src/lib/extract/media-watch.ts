/**
 * RTP from the wire: learns from session descriptions what belongs to which call, and follows the streams. Where reports
 * are wanted, each stream becomes one when it has ended: 30 s without a packet, or the end of the input.
 */
import {
  Counters,
  FAMILY_IPV4,
  FAMILY_IPV6,
  NO_FRAMES,
  PAYLOAD_RTP_AGENT,
  PROTOCOL_UDP,
  type Message,
  type SipFields,
} from '../base/index.js';
import { CallMedia } from '../calls/quality/call-media.js';
import type { Packet } from '../decode/index.js';
import {
  FaxTable,
  MediaTotals,
  StreamTable,
  noteSiblings,
  reportJson,
  streamReport,
  type FaxReport,
  type RtpStream,
  type StreamLimits,
  type StreamReport,
} from '../media/index.js';

export interface MediaWatchOptions {
  /** Also tracks streams that no description announces. */
  guess: boolean;
  /** Streams that have ended become messages. */
  reports?: boolean;
  limits?: StreamLimits;
  /** Called with each evicted stream. */
  onEvict?(report: StreamReport): void;
}

/** Who sees the packets of an input that is read once more. */
export interface MediaRereader {
  datagram(packet: Packet): boolean;
  /** What a TCP stream brought, whatever it is. */
  segment(packet: Packet): boolean;
}

const IDLE = 30e6;
const SECOND = 1e6;
const NONE: readonly Message[] = Object.freeze([]);

export class MediaWatch {
  /** Shared with the reader of RTCP. */
  readonly known = new CallMedia();
  readonly totals = new MediaTotals();
  /** Receives the packets when the input is read once more; null for none. */
  afterwards: MediaRereader | null = null;
  private readonly table: StreamTable;
  private readonly faxes = new FaxTable(this.known.media);
  /** The input has been read to its end. */
  isOver = false;
  private ended: Message[] = [];
  private sweptAt = 0;
  /** Streams of one packet. */
  private singles = 0;

  constructor(private readonly options: MediaWatchOptions) {
    const { guess, limits, onEvict, reports } = options;
    this.table = new StreamTable(this.known.media, guess, limits, (stream) => {
      if (reports === true) this.end(stream);
      else onEvict?.(this.report(stream));
    });
  }

  get packets(): number {
    return this.table.packets;
  }

  get size(): number {
    return this.table.size;
  }

  /** Streams of active calls. */
  get streams(): number {
    return this.table.calls;
  }

  learn(sip: SipFields, payload: Buffer, capturedAt: number): void {
    this.known.learn(sip, payload, capturedAt);
  }

  /** False if the datagram belongs to no stream, or all have been seen. */
  take(packet: Packet): boolean {
    if (this.isOver) return this.afterwards !== null && this.afterwards.datagram(packet);
    const { faxes } = this;
    return faxes.take(packet, true) || this.table.take(packet) || faxes.take(packet, false);
  }

  /** An RTP packet in a TCP stream: bytes[from..to). */
  takePart(packet: Packet, bytes: Buffer, from: number, to: number, isRelayed: boolean): boolean {
    return !this.isOver && this.table.takePart(packet, bytes, from, to, isRelayed);
  }

  /** Reports of streams ended by then, in packet time. */
  due(now: number): readonly Message[] {
    if (this.options.reports !== true) return NONE;
    if (now - this.sweptAt >= SECOND) {
      this.sweptAt = now;
      this.table.expire(now, IDLE, (stream) => this.end(stream));
    }
    return this.taken();
  }

  /** The input has ended: if it is read again, for other legs, the same packets are not counted again. */
  finish(): readonly Message[] {
    if (this.options.reports === true) this.table.expire(Infinity, 0, (stream) => this.end(stream));
    this.isOver = true;
    return this.taken();
  }

  counters(): Counters {
    const counters = new Counters();
    const { evicted, unknownEvicted } = this.table;
    if (evicted > 0) counters.add('rtp_streams_evicted', evicted);
    if (this.singles > 0) counters.add('rtp_single_packets', this.singles);
    if (this.faxes.evicted > 0) counters.add('t38_streams_evicted', this.faxes.evicted);
    if (unknownEvicted > 0) counters.add('rtp_unknown_evicted', unknownEvicted);
    return counters;
  }

  /** All remaining streams. */
  reports(): StreamReport[] {
    return this.table.streams().map((stream) => this.report(stream));
  }

  reportsOf(callId: string): StreamReport[] {
    return this.table.streamsOf(callId).map((stream) => this.report(stream));
  }

  /** Whether a description of the call offers T.38. */
  hasFax(callId: string): boolean {
    return this.known.media.hasFax(callId);
  }

  faxesOf(callId: string): FaxReport[] {
    return this.faxes.of(callId);
  }

  /** Forgets the streams of an ended call. */
  release(callId: string): void {
    this.table.release(callId);
    if (this.hasFax(callId)) this.faxes.release(callId);
  }

  private report(stream: RtpStream): StreamReport {
    this.known.media.settle();
    return streamReport(stream, this.table.momentsOf(stream));
  }

  private end(stream: RtpStream): void {
    // One packet is no stream yet (RFC 3550 appendix A.1): who changes the SSRC each time gets no report for each.
    if (stream.sequence.received < 2) {
      this.singles++;
      return;
    }
    const report = this.report(stream);
    noteSiblings(report, stream, this.table.streamsOf(report.callId));
    this.totals.add(report);
    this.ended.push(messageOf(report));
  }

  private taken(): readonly Message[] {
    if (this.ended.length === 0) return NONE;
    const { ended } = this;
    this.ended = [];
    return ended;
  }
}

function messageOf(report: StreamReport): Message {
  return {
    capturedAt: report.endedAt,
    sourceAddress: report.sourceAddress,
    sourcePort: report.sourcePort,
    destinationAddress: report.destinationAddress,
    destinationPort: report.destinationPort,
    protocol: PROTOCOL_UDP,
    family: report.sourceAddress.includes(':') ? FAMILY_IPV6 : FAMILY_IPV4,
    payloadType: PAYLOAD_RTP_AGENT,
    payload: Buffer.from(JSON.stringify(reportJson(report))),
    captureId: -1,
    captureName: '',
    correlationId: report.callId,
    vlan: -1,
    outerSource: '',
    outerDestination: '',
    frameNumber: 0,
    // Of no file: a stream may be in several.
    sourceIndex: -1,
    stream: 0n,
    sequence: 0,
    envelope: null,
    sip: null,
    frames: NO_FRAMES,
  };
}
