/**
 * Frames in, datagrams and streams out. Connects the walk over the layers with the tables that hold state across frames:
 * fragments, TCP streams, SCTP messages.
 */
import { AddressTextCache, Counters, FAMILY_IPV4, LINK_ETHERNET, PROTOCOL_UDP, u16, type FaultCode, type Frame } from '../base/index.js';
import type { Endpoints } from './endpoints.js';
import { FRAGMENT_LIMITS, type FragmentLimits } from './fragment-limits.js';
import type { FragmentDatagram } from './fragment-datagram.js';
import { FragmentTable } from './fragment-table.js';
import { timeFrame } from './frame-copies.js';
import type { DecodeHandler } from './handler.js';
import { heldFrames } from './held-frames.js';
import { AGGREGATE, CHUNKS, DATAGRAM, ETHERNET, FRAGMENT, SEGMENT, STOP, UDP } from './layer-ids.js';
import { walkLayers } from './layers.js';
import { LAYER_OF_LINK_TYPE } from './link-types.js';
import { Packet } from './packet.js';
import type { AssembledMessage } from './sctp-association.js';
import { SCTP_LIMITS, SctpTable, type SctpLimits } from './sctp-table.js';
import { STREAM_LIMITS, type StreamLimits } from './stream-limits.js';
import { ReassemblyContext } from './reassembly-context.js';
import { TcpTable } from './tcp-table.js';
import { UDP_BYTES } from './udp.js';
import { Walk } from './walk.js';

/** The frame, or part of it, waits for others: an IP fragment, an early TCP segment, part of an SCTP message. */
export const HELD = 1;
/** Payload was delivered to the handler or a receiver. */
export const DELIVERED = 2;
/** Bytes were refused; `fault` says why. */
export const FAULT = 4;
/** The frame is intact but carries a protocol that is not decoded (ARP, ICMP, ...). */
export const OTHER = 8;

/**
 * The tables are swept at the first frame of every second of packet time, as of the beginning of that second. What is given
 * up then depends on the times of frames alone: a capture of fewer frames (`-w`) yields the same messages in the same order.
 */
const SWEEP_MICROSECONDS = 1_000_000;
/**
 * A frame whose time is behind that of others only arrived late (reordered by the capture, or written by `-w` for a message that
 * had waited): it gives up nothing. Farther behind than anything waits, it shows that the clock was wrong before.
 */
const MAX_LATE_SECONDS = 86_400;

export interface DecodeOptions {
  /** Remember the frames that form each packet (`packet.frames()`). */
  keepFrames?: boolean;
  fragments?: Partial<FragmentLimits>;
  streams?: Partial<StreamLimits>;
  sctp?: Partial<SctpLimits>;
}

export class FrameDecoder {
  /** What was refused, given up or skipped, by reason. */
  readonly counters = new Counters();
  /** The frame in hand. */
  private readonly packet: Packet;
  private readonly walk: Walk;
  /** Describes what is delivered later than the frame that carried it. */
  private readonly late: Packet;
  private readonly ipv4Fragments: FragmentTable;
  private readonly ipv6Fragments: FragmentTable;
  private readonly context: ReassemblyContext;
  private readonly tcp: TcpTable;
  private readonly sctp: SctpTable;
  /** The second of packet time that was swept last. */
  private sweptAt = -1;
  private lastFault: FaultCode | '' = '';

  constructor(
    private readonly handler: DecodeHandler,
    options: DecodeOptions = {},
  ) {
    const { counters } = this;
    const limits = { ...FRAGMENT_LIMITS, ...options.fragments };
    const texts = new AddressTextCache();
    this.packet = new Packet(texts, options.keepFrames === true);
    this.late = new Packet(texts, options.keepFrames === true);
    this.walk = new Walk(this.packet);
    const fragments = (ageSeconds: number, apartSeconds: number, addressBytes: number) => {
      const { datagrams, bytes } = limits;
      const tableLimits = { datagrams, bytes, ageMicroseconds: ageSeconds * 1e6, apartMicroseconds: apartSeconds * 1e6, addressBytes };
      return new FragmentTable(tableLimits, counters, (datagram) => this.cutDatagram(datagram));
    };
    this.ipv4Fragments = fragments(limits.ipv4AgeSeconds, limits.ipv4ApartSeconds, 4);
    this.ipv6Fragments = fragments(limits.ipv6AgeSeconds, limits.ipv6AgeSeconds, 16);
    this.context = new ReassemblyContext(handler, this.late, { ...STREAM_LIMITS, ...options.streams }, counters);
    this.tcp = new TcpTable(this.context);
    const sctpLimits = { ...SCTP_LIMITS, ...options.sctp };
    this.sctp = new SctpTable(handler, sctpLimits, counters, (message, endpoints) => this.cutMessage(message, endpoints));
  }

  /** Why the last frame was refused or skipped, '' if it was not. */
  get fault(): FaultCode | '' {
    return this.lastFault;
  }

  /** Decodes one frame and delivers what it completes. Returns a sum of HELD, DELIVERED, FAULT, OTHER. */
  decode(frame: Frame): number {
    const { walk } = this;
    this.packet.begin(frame);
    const second = Math.floor(frame.capturedAt / SWEEP_MICROSECONDS);
    if (second !== this.sweptAt) this.sweep(second, frame);
    this.context.frameInHand = frame;
    this.lastFault = '';
    walk.begin(frame.bytes, frame.from, frame.to, frame.originalLength);
    const { linkType } = frame;
    const layer = linkType === LINK_ETHERNET ? ETHERNET : (LAYER_OF_LINK_TYPE[linkType] ?? STOP);
    if (layer === STOP) return this.refuse('unknown_link_type');
    let result = this.follow(layer);
    while (walk.restAt > 0) result |= this.nextOfAggregate(frame);
    return result;
  }

  /** Gives up what has waited too long at packet time `now` (microseconds). `decode` does this itself as time advances. */
  expire(now: number): void {
    this.context.frameInHand = null;
    this.expireTables(now);
  }

  /** End of input: delivers what is held of streams, gives up the rest. */
  finish(): void {
    this.context.frameInHand = null;
    this.ipv4Fragments.finish();
    this.ipv6Fragments.finish();
    this.tcp.finish();
    this.sctp.finish();
  }

  /** Decodes what begins with this layer. */
  private follow(first: number): number {
    const { walk } = this;
    let layer = walkLayers(walk, first);
    while (layer === FRAGMENT) {
      layer = this.fragment();
      if (layer < 0) return HELD;
      layer = walkLayers(walk, layer);
    }
    switch (layer) {
      case DATAGRAM:
        return this.datagram();
      case SEGMENT:
        return this.segment();
      case CHUNKS:
        return this.chunks();
      default:
        return walk.fault === '' ? 0 : this.refuse(walk.fault);
    }
  }

  /** Each subframe is a frame of its own. */
  private nextOfAggregate(frame: Frame): number {
    const { walk } = this;
    const { restAt } = walk;
    this.packet.begin(frame);
    walk.begin(frame.bytes, restAt, frame.to, frame.originalLength - (restAt - frame.from));
    return this.follow(AGGREGATE);
  }

  private expireTables(now: number): void {
    this.ipv4Fragments.expire(now);
    this.ipv6Fragments.expire(now);
    this.tcp.expire(now);
    this.sctp.expire(now);
  }

  /** How much is held, for reports and tests. */
  held(): {
    datagrams: number;
    datagramBytes: number;
    connections: number;
    streamBytes: number;
    associations: number;
    associationBytes: number;
  } {
    return {
      datagrams: this.ipv4Fragments.size + this.ipv6Fragments.size,
      datagramBytes: this.ipv4Fragments.bytes + this.ipv6Fragments.bytes,
      connections: this.tcp.size,
      streamBytes: this.context.heldBytes,
      associations: this.sctp.size,
      associationBytes: this.sctp.bytes,
    };
  }

  private datagram(): number {
    const { packet, walk } = this;
    packet.bytes = walk.bytes;
    packet.from = walk.at;
    packet.to = walk.end;
    if (walk.missing > 0) {
      packet.cut = true;
      this.counters.add('cut_by_snap_length');
    }
    this.handler.datagram(packet);
    return DELIVERED;
  }

  private segment(): number {
    const { context } = this;
    context.delivered = false;
    context.held = false;
    this.tcp.segment(this.walk);
    return (context.delivered ? DELIVERED : 0) | (context.held ? HELD : 0);
  }

  private chunks(): number {
    const { sctp, walk } = this;
    sctp.packet(walk);
    const faulty = walk.fault === '' ? 0 : this.refuse(walk.fault);
    return (sctp.delivered ? DELIVERED : 0) | (sctp.held ? HELD : 0) | faulty;
  }

  /** Adds a fragment. Returns the next layer of the completed packet, STOP, or -1 while fragments are missing. */
  private fragment(): number {
    const { walk, packet } = this;
    // Cut by the snap length, its datagram can never be completed, but the beginning is there.
    if (walk.missing > 0 && walk.fragmentOffset === 0) return walk.fragmentNext;
    const table = packet.family === FAMILY_IPV4 ? this.ipv4Fragments : this.ipv6Fragments;
    const datagram = table.add(walk, heldFrames(packet));
    if (datagram === null) return table.refusal === '' ? -1 : walk.fail(table.refusal, 'fragment');
    if (packet.keepsFrames) packet.kept = [...datagram.frames, ...packet.frames()];
    walk.bytes = datagram.beginning();
    walk.at = 0;
    walk.end = datagram.total;
    walk.missing = 0;
    return walk.orUnknown(datagram.next, 'fragment');
  }

  private refuse(fault: FaultCode): number {
    this.counters.add(fault);
    this.lastFault = fault;
    return fault === 'unknown_protocol' ? OTHER : FAULT;
  }

  /** Only the time of the frame matters: that is all of it that is kept with what is given up. */
  private sweep(second: number, frame: Frame): void {
    if (second < this.sweptAt && second >= this.sweptAt - MAX_LATE_SECONDS) return;
    this.sweptAt = second;
    this.context.frameInHand = timeFrame(frame);
    this.handler.sweepBegins?.();
    this.expireTables(second * SWEEP_MICROSECONDS);
    this.handler.sweepEnds?.();
  }

  /** The rest of a datagram never arrived: delivers its beginning. */
  private cutDatagram(datagram: FragmentDatagram): void {
    if (datagram.next !== UDP) return;
    const bytes = datagram.beginning();
    if (bytes.length <= UDP_BYTES) return;
    const { late } = this;
    datagram.endpoints.describe(late);
    late.protocol = PROTOCOL_UDP;
    late.sourcePort = u16(bytes, 0);
    late.destinationPort = u16(bytes, 2);
    this.deliverCut({ bytes, frames: datagram.frames, frame: datagram.lastFrame!, at: datagram.lastAt }, UDP_BYTES);
  }

  /** The same of a message over SCTP. */
  private cutMessage(message: AssembledMessage, endpoints: Endpoints): void {
    endpoints.describe(this.late);
    this.deliverCut(message, 0);
  }

  private deliverCut({ bytes, frames, frame, at }: AssembledMessage, from: number): void {
    const { context, late } = this;
    late.frame = context.frameInHand ?? frame;
    late.capturedAt = at;
    late.kept = [...frames, ...context.triggeringFrames()];
    late.bytes = bytes;
    late.from = from;
    late.to = bytes.length;
    late.cut = true;
    this.handler.datagram(late);
  }
}
