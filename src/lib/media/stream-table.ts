/**
 * RTP packets to streams, and streams to calls. Every packet that may be RTP begins a stream: its call may be
 * announced later (an answer after its media, a capture with SIP and media in two files). Streams of no known call are few
 * and short-lived, unless requested (`guess`). Memory is bounded; evictions are counted.
 */
import { FAMILY_IPV4, LinkedList, i32 } from '../base/index.js';
import type { Packet } from '../decode/index.js';
import type { MediaCall, MediaIndex } from '../sip/index.js';
import { Moments } from './moments.js';
import { SSRC_AT, rtpPayloadAt } from './rtp-header.js';
import { RtpStream } from './rtp-stream.js';
import { noteRemoval } from './siblings.js';
import { TurnRelays, UNKNOWN_PEER } from './turn.js';

export interface StreamLimits {
  maxStreams: number;
  /** Of those that belong to no known call. */
  maxUnknown: number;
  /** Of those of one call: who changes the SSRC with each packet neither fills the table nor makes it slow. */
  maxOfCall?: number;
}

export const STREAM_LIMITS: StreamLimits = { maxStreams: 100_000, maxUnknown: 10_000 };

const MAX_OF_CALL = 256;

/** Noise that looks like RTP is not sequential for long: packets in sequence, most of them present. */
const MIN_GUESSED_PACKETS = 10;
const MIN_PORT = 1024;
/** After such a pause the addresses may be another call's; after a short one, if something was announced meanwhile. */
const PAUSE = 30e6;
const SHORT_PAUSE = 1e6;
const HASH_BITS = 0x3fffffff;

export class StreamTable {
  /** Packets of streams that belong to a call, or are accepted as RTP without one. */
  packets = 0;
  /** Evicted streams: of calls, and of no known call. */
  evicted = 0;
  unknownEvicted = 0;
  private readonly relays = new TurnRelays();
  private readonly moments = new Moments();
  private readonly table = new Map<number, RtpStream>();
  private readonly known = new LinkedList<RtpStream>();
  private readonly unknown = new LinkedList<RtpStream>();
  private knownCount = 0;
  private unknownCount = 0;
  private readonly byCall = new Map<string, RtpStream[]>();

  constructor(
    private readonly index: MediaIndex,
    /** Also tracks streams of no known call. */
    private readonly guess: boolean,
    private readonly limits = STREAM_LIMITS,
    /** Called for each evicted stream of a call. */
    private readonly onEvict: (stream: RtpStream) => void = () => {},
  ) {}

  /** Streams of calls. */
  get calls(): number {
    return this.knownCount;
  }

  get size(): number {
    return this.knownCount + this.unknownCount;
  }

  /** Takes a datagram that may be RTP; false if it is not, or of no stream that counts. */
  take(packet: Packet): boolean {
    const { bytes, from, to } = packet;
    const payloadAt = rtpPayloadAt(bytes, from, to);
    if (payloadAt >= 0) return this.takeRtp(packet, bytes, from, payloadAt, to, false);
    const { relays } = this;
    if (!relays.unwrap(packet, bytes, from, to)) return false;
    return this.takePart(packet, bytes, relays.at, relays.end, true);
  }

  /** The same for a part of a datagram, or of a TCP stream. */
  takePart(packet: Packet, bytes: Buffer, from: number, to: number, isRelayed: boolean): boolean {
    const payloadAt = rtpPayloadAt(bytes, from, to);
    return payloadAt >= 0 && this.takeRtp(packet, bytes, from, payloadAt, to, isRelayed);
  }

  private takeRtp(packet: Packet, bytes: Buffer, from: number, payloadAt: number, to: number, isRelayed: boolean): boolean {
    const ssrc = i32(bytes, from + SSRC_AT);
    const at = packet.capturedAt;
    let stream = this.find(packet, ssrc);
    if (stream !== null && at - stream.lastAt > (stream.version === this.index.version ? PAUSE : SHORT_PAUSE))
      stream = this.afterPause(stream, at);
    if (stream === null) {
      stream = this.begin(packet, ssrc);
      if (isRelayed) stream.peer = this.relays.peer;
    }
    if (stream.media === null) {
      if (stream.version !== this.index.version) this.search(stream, at);
    } else if (stream.version !== this.index.version) {
      // A later description of the same call may redefine its payload types.
      stream.version = this.index.version;
      stream.learn(stream.media);
    }
    const list = stream.media === null ? this.unknown : this.known;
    if (stream.newer !== null) {
      list.unlink(stream);
      list.link(stream);
    }
    if (packet.cut) stream.cut++;
    stream.add(bytes, from, payloadAt, to, at, this.moments);
    if (stream.media === null && !(this.guess && isPlausible(stream))) return false;
    this.packets++;
    return true;
  }

  /** Those of calls, and those accepted as RTP without one, in order of their start. */
  streams(): RtpStream[] {
    const streams: RtpStream[] = [];
    for (let each = this.known.oldest; each !== null; each = each.newer) streams.push(each);
    if (this.guess) for (let each = this.unknown.oldest; each !== null; each = each.newer) if (isPlausible(each)) streams.push(each);
    return streams.sort((a, b) => a.startedAt - b.startedAt);
  }

  streamsOf(callId: string): readonly RtpStream[] {
    return this.byCall.get(callId) ?? [];
  }

  /** Streams without a packet for `idle` microseconds: those that count are delivered, then all are forgotten. */
  expire(now: number, idle: number, onEnd: (stream: RtpStream) => void): void {
    for (let stream = this.known.oldest; stream !== null && now - stream.lastAt > idle; stream = this.known.oldest) {
      onEnd(stream);
      this.remove(stream);
    }
    for (let stream = this.unknown.oldest; stream !== null && now - stream.lastAt > idle; stream = this.unknown.oldest) {
      if (this.guess && isPlausible(stream)) onEnd(stream);
      this.remove(stream);
    }
  }

  /** Forgets the streams of an ended call. */
  release(callId: string): void {
    for (const stream of [...this.streamsOf(callId)]) this.remove(stream);
  }

  momentsOf(stream: RtpStream) {
    return stream.row < 0 ? [] : this.moments.of(stream.row, stream.startedAt);
  }

  private find(packet: Packet, ssrc: number): RtpStream | null {
    const { addresses, sourceAt, destinationAt, sourcePort, destinationPort } = packet;
    const isIpv4 = packet.family === FAMILY_IPV4;
    const source4 = isIpv4 ? i32(addresses, sourceAt) : 0;
    const destination4 = isIpv4 ? i32(addresses, destinationAt) : 0;
    let stream = this.table.get(hashOf(source4, destination4, sourcePort, destinationPort, ssrc)) ?? null;
    for (; stream !== null; stream = stream.next) {
      if (stream.ssrc !== ssrc || stream.sourcePort !== sourcePort || stream.destinationPort !== destinationPort) continue;
      if (stream.source4 !== source4 || stream.destination4 !== destination4) continue;
      if (isIpv4 || (stream.sourceAddress === packet.sourceAddress() && stream.destinationAddress === packet.destinationAddress()))
        return stream;
    }
    return null;
  }

  private begin(packet: Packet, ssrc: number): RtpStream {
    const { addresses, sourceAt, destinationAt, sourcePort, destinationPort } = packet;
    const isIpv4 = packet.family === FAMILY_IPV4;
    const source4 = isIpv4 ? i32(addresses, sourceAt) : 0;
    const destination4 = isIpv4 ? i32(addresses, destinationAt) : 0;
    const hash = hashOf(source4, destination4, sourcePort, destinationPort, ssrc);
    if (this.size >= this.limits.maxStreams) this.makeRoom();
    const maxUnknown = this.guess ? this.limits.maxStreams : this.limits.maxUnknown;
    if (this.unknownCount >= maxUnknown) this.makeRoom();
    const stream = new RtpStream(
      source4,
      destination4,
      packet.sourceAddress(),
      packet.destinationAddress(),
      sourcePort,
      destinationPort,
      ssrc,
      hash,
      this.moments.take(),
    );
    stream.next = this.table.get(hash) ?? null;
    this.table.set(hash, stream);
    this.unknown.link(stream);
    this.unknownCount++;
    return stream;
  }

  /** Searches the call again, because something was announced since. */
  private search(stream: RtpStream, at: number): void {
    const { index } = this;
    stream.version = index.version;
    const media = mediaOf(stream, index, at);
    if (media === null) return;
    stream.learn(media);
    this.unknown.unlink(stream);
    this.unknownCount--;
    this.known.link(stream);
    this.knownCount++;
    const streams = this.byCall.get(media.callId);
    if (streams === undefined) this.byCall.set(media.callId, [stream]);
    else {
      streams.push(stream);
      if (streams.length > (this.limits.maxOfCall ?? MAX_OF_CALL)) this.evict(streams[0]);
    }
  }

  /** A stream that reappears after a long time: of the same call, or a new one on the same addresses. */
  private afterPause(stream: RtpStream, at: number): RtpStream | null {
    const { index } = this;
    const media = mediaOf(stream, index, at);
    if (media === stream.media || media === null) return stream;
    // It stays with its call, but is no longer found.
    this.unhash(stream);
    return null;
  }

  private makeRoom(): void {
    const { oldest } = this.unknown;
    if (oldest !== null) {
      if (!this.guess || isPlausible(oldest)) this.unknownEvicted++;
      this.remove(oldest);
      return;
    }
    this.evict(this.known.oldest!);
  }

  private evict(stream: RtpStream): void {
    this.evicted++;
    this.onEvict(stream);
    this.remove(stream);
  }

  private remove(stream: RtpStream): void {
    this.unhash(stream);
    this.moments.release(stream.row);
    stream.row = -1;
    if (stream.media === null) {
      this.unknown.unlink(stream);
      this.unknownCount--;
      return;
    }
    this.known.unlink(stream);
    this.knownCount--;
    this.forget(stream.media, stream);
  }

  private forget({ callId }: MediaCall, stream: RtpStream): void {
    const left = this.byCall.get(callId)!;
    left.splice(left.indexOf(stream), 1);
    // One packet is no stream yet: it says nothing about others.
    if (stream.sequence.received > 1) for (const each of left) noteRemoval(stream, each);
    if (left.length === 0) this.byCall.delete(callId);
  }

  private unhash(stream: RtpStream): void {
    const first = this.table.get(stream.hash);
    if (first === stream) {
      if (stream.next === null) this.table.delete(stream.hash);
      else this.table.set(stream.hash, stream.next);
    } else for (let each = first; each !== undefined; each = each.next ?? undefined) if (each.next === stream) each.next = stream.next;
    stream.next = null;
  }
}

function hashOf(source4: number, destination4: number, sourcePort: number, destinationPort: number, ssrc: number): number {
  let hash = Math.imul(ssrc ^ (source4 >>> 16), 0x9e3779b1) ^ Math.imul(source4 ^ (sourcePort << 16) ^ destinationPort, 0x85ebca6b);
  hash = Math.imul(hash ^ destination4 ^ (hash >>> 15), 0xc2b2ae35);
  return (hash ^ (hash >>> 13)) & HASH_BITS;
}

/** Of relayed media the peer's address counts, not the server's, which many calls share. */
function mediaOf(stream: RtpStream, index: MediaIndex, at: number): MediaCall | null {
  const { sourceAddress, sourcePort, destinationAddress, destinationPort, peer } = stream;
  if (peer === null) return index.find(sourceAddress, sourcePort, destinationAddress, destinationPort, at);
  if (peer === UNKNOWN_PEER) return index.announced(sourceAddress, sourcePort, destinationAddress, destinationPort, at);
  return peer.isSource
    ? index.find(peer.address, peer.port, destinationAddress, destinationPort, at)
    : index.find(sourceAddress, sourcePort, peer.address, peer.port, at);
}

/** Without a description: enough packets, hardly any strange ones, most of the sequence there. */
function isPlausible({ sequence, sourcePort, destinationPort, payloadType }: RtpStream): boolean {
  if (sequence.received < MIN_GUESSED_PACKETS || sourcePort < MIN_PORT || destinationPort < MIN_PORT) return false;
  // Numbers 35 to 95 are not assigned to any codec in use (RFC 3551 section 6).
  if (payloadType > 34 && payloadType < 96) return false;
  return sequence.strays + sequence.restarts <= sequence.received / 4 && sequence.received >= sequence.expected / 2;
}
