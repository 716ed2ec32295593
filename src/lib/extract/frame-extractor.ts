/**
 * Frames in, messages out: datagrams and streams from the decoder, recognised as SIP by their start line (and as HEP if
 * enabled), become message records. Counts frames and messages in the ledger.
 */
import {
  NO_FRAMES,
  NO_STREAM,
  PAYLOAD_RTP_AGENT,
  PAYLOAD_SIP,
  isFault,
  portsMatch,
  AddressTextCache,
  PLACE_KINDS,
  Places,
  StreamLosses,
  type Frame,
  type Message,
  type PlaceKind,
  type PortRange,
  type Ledger,
} from '../base/index.js';
import { FrameDecoder, HELD, type DecodeHandler, type Packet, type StreamReceiver } from '../decode/index.js';
import { HepDecoder, looksLikeHep, decompressHepDatagram } from '../hep/index.js';
import { hasCallId, looksLikeSip } from '../sip/index.js';
import { HoldAccount } from './hold-account.js';
import { compareLast, framelessFirst, type LateMessage } from './late-messages.js';
import type { MediaWatch } from './media-watch.js';
import type { MessageReceiver } from './message-receiver.js';
import type { RtcpWatch } from './rtcp-extractor.js';
import { packetMessage } from './packet-message.js';
import { RtpOverTcp } from './rtp-over-tcp.js';
import { SipReader } from './sip-reader.js';
import { StreamClassifier } from './stream-classifier.js';
import { beginsHep, beginsHttp, beginsSipInWebSocket } from './stream-protocol.js';

export interface FrameExtractorOptions {
  /** Ports to capture; empty means every port. */
  ports: readonly PortRange[];
  /** Keep the frames of each message (for a capture-file sink). */
  keepFrames: boolean;
  /** Decode HEP found in the frames (as sngrep's -E); otherwise HEP is only counted. */
  parseHep: boolean;
  /** Decodes RTCP, and learns from SDP which call it belongs to; absent ignores RTCP. */
  rtcp?: RtcpWatch;
  /** Follows RTP; absent ignores it. */
  media?: MediaWatch;
  /** Only messages from an IP-in-IP tunnel to this address; the unspecified address means any. Absent means no restriction. */
  tunnelTo?: string;
  /** The stream of each source (a file), in which its messages are numbered by their place; absent: they get no identity here. */
  streams?: readonly bigint[];
}

/** Called for every message before it is dispatched: '' accepts it, else why it is left out. */
export type Accept = (message: Message, sourceIndex: number, indexInFrame: number, atEnd: boolean) => string;

export class FrameExtractor implements DecodeHandler, MessageReceiver {
  readonly losses: StreamLosses;
  readonly holds = new HoldAccount();
  private readonly decoder: FrameDecoder;
  private readonly hep: HepDecoder;
  /** Live streams by endpoints, so that one direction knows the protocol of the other. */
  private readonly classifiers = new Map<string, StreamClassifier>();
  private readonly places = new Places();
  private inFrame = 0;
  private held = false;
  private why = '';
  /** The current packet when the input ends. */
  private latest: Packet | null = null;
  /** Messages released at the end of the input; null before it. */
  private last: LateMessage[] | null = null;
  /** Messages being released by a sweep, where frames are kept; null outside one. */
  private swept: LateMessage[] | null = null;
  private room = true;

  constructor(
    private readonly options: FrameExtractorOptions,
    private readonly ledger: Ledger,
    private readonly accept: Accept,
    private readonly dispatch: (message: Message) => boolean,
    private readonly reader = new SipReader(),
  ) {
    this.losses = new StreamLosses(ledger.stream, ledger.lost);
    this.decoder = new FrameDecoder(this, { keepFrames: options.keepFrames });
    this.hep = new HepDecoder({ addressTexts: new AddressTextCache() });
  }

  /** Decodes one frame; false if a sink is full. */
  frame(frame: Frame): boolean {
    const { ledger } = this;
    ledger.received++;
    ledger.bytes += frame.to - frame.from;
    if (ledger.firstAt === 0 || frame.capturedAt < ledger.firstAt) ledger.firstAt = frame.capturedAt;
    if (frame.capturedAt > ledger.lastAt) ledger.lastAt = frame.capturedAt;
    this.inFrame = 0;
    this.places.clear();
    this.held = false;
    this.why = '';
    this.room = true;
    const result = this.decoder.decode(frame);
    if (this.inFrame > 0) ledger.complete++;
    else if (this.held || (result & HELD) !== 0) ledger.part++;
    else ledger.without.add(this.why !== '' ? this.why : this.decoder.fault !== '' ? this.decoder.fault : 'no_sip');
    return this.room;
  }

  /** Messages delivered from the current frame. */
  get indexInFrame(): number {
    return this.inFrame;
  }

  /** End of input: gives up what is still incomplete. */
  finish(): void {
    this.last = [];
    this.decoder.finish();
    const { rtcp, media } = this.options;
    for (const report of media?.finish() ?? []) this.emit(report, this.latest!, PLACE_KINDS.mediaReport, 0);
    this.last.sort((a, b) => compareLast(a.message, b.message, this.options.keepFrames));
    for (const [i, { message, sourceIndex }] of this.last.entries()) this.pass(message, sourceIndex, i + 1);
    for (const counters of [this.decoder.counters, this.hep.counters, rtcp?.counters(), media?.counters()])
      for (const [reason, count] of counters?.entries() ?? []) this.ledger.notes.add(reason, count);
  }

  sweepBegins(): void {
    if (this.options.keepFrames) this.swept = [];
  }

  sweepEnds(): void {
    const { swept } = this;
    this.swept = null;
    if (swept === null || swept.length === 0) return;
    for (const [i, { message, sourceIndex }] of framelessFirst(swept).entries()) this.pass(message, sourceIndex, swept[i].index);
  }

  datagram(packet: Packet): void {
    const { bytes, from, to } = packet;
    if (this.options.media !== undefined && this.isRtp(packet, this.options.media)) return;
    if (looksLikeSip(bytes, from, to) && (!packet.cut || bytes === packet.frame.bytes || hasCallId(bytes, from, to))) {
      this.sip(packet, bytes.subarray(from, to), this.options.keepFrames ? packet.frames() : NO_FRAMES, packet.placeAfter(to - from));
      return;
    }
    if (looksLikeHep(bytes, from, to)) {
      this.hepPacket(packet, bytes, from, to, this.options.keepFrames ? packet.frames() : NO_FRAMES, packet.placeAfter(to - from));
      return;
    }
    const plain = decompressHepDatagram(bytes, from, to);
    if (plain !== null) {
      const end = packet.placeAfter(to - from);
      this.hepPacket(packet, plain, 0, plain.length, this.options.keepFrames ? packet.frames() : NO_FRAMES, end);
      return;
    }
    const report = this.options.rtcp?.read(packet, this.options.keepFrames ? packet.frames() : NO_FRAMES) ?? null;
    if (report !== null) this.emit(report, packet, PLACE_KINDS.rtcp, packet.placeAfter(to - from));
  }

  /** SIP, HEP and gzip never begin like RTP. */
  private isRtp(packet: Packet, media: MediaWatch): boolean {
    this.latest = packet;
    const isTaken = this.isWanted(packet) && media.take(packet);
    for (const report of media.due(packet.capturedAt)) this.emit(report, packet, PLACE_KINDS.mediaReport, 0);
    if (isTaken && this.why === '') this.why = 'rtp';
    return isTaken;
  }

  beginsMessage(bytes: Buffer, from: number, to: number): boolean {
    return (
      looksLikeSip(bytes, from, to) || beginsHep(bytes, from, to) || beginsSipInWebSocket(bytes, from, to) || beginsHttp(bytes, from, to)
    );
  }

  stream(packet: Packet): StreamReceiver | null {
    const from = `${packet.sourceAddress()} ${packet.sourcePort}`;
    const to = `${packet.destinationAddress()} ${packet.destinationPort}`;
    const key = `${from} ${to}`;
    const classifier = new StreamClassifier(
      this,
      () => this.classifiers.get(`${to} ${from}`),
      () => {
        if (this.classifiers.get(key) === classifier) this.classifiers.delete(key);
      },
    );
    this.classifiers.set(key, classifier);
    const { media } = this.options;
    return media === undefined ? classifier : new RtpOverTcp(classifier, media, this.holds, () => (this.why ||= 'rtp'));
  }

  /** A whole SIP message, from a datagram or a stream. */
  sip(packet: Packet, payload: Buffer, frames: readonly Frame[], end: number): void {
    this.emit(packetMessage(packet, PAYLOAD_SIP, payload, frames), packet, PLACE_KINDS.sip, end);
  }

  /** A whole HEP packet, from a datagram or a stream. */
  hepPacket(packet: Packet, bytes: Buffer, from: number, to: number, frames: readonly Frame[], end: number): void {
    if (!this.options.parseHep) {
      this.ledger.notes.add('hep_not_parsed');
      this.why = 'hep_not_parsed';
      return;
    }
    const message = this.hep.decode(bytes, from, to, packet.capturedAt, {
      peerAddress: packet.sourceAddress(),
      peerPort: packet.sourcePort,
      localAddress: packet.destinationAddress(),
      localPort: packet.destinationPort,
      transport: packet.protocol === 6 ? 'tcp' : 'udp',
    });
    if (isFault(message)) {
      // heplify's greeting carries no message, so nothing is rejected.
      if (message.fault === 'hello') {
        this.why = message.fault;
        return;
      }
      this.inFrame++;
      this.ledger.found++;
      this.ledger.rejected.add(message.fault);
      return;
    }
    message.frameNumber = packet.frame.number;
    message.sourceIndex = packet.frame.sourceIndex;
    message.frames = frames;
    this.emit(message, packet, PLACE_KINDS.hep, end);
  }

  /** The frame is part of a message. */
  hold(): void {
    this.held = true;
  }

  note(reason: string, count = 1): void {
    this.ledger.notes.add(reason, count);
  }

  private emit(message: Message, packet: Packet, kind: PlaceKind, end: number): void {
    this.inFrame++;
    this.ledger.found++;
    if (this.options.streams !== undefined) this.identify(message, packet.frame, kind, end);
    const isOfStream = message.payloadType === PAYLOAD_RTP_AGENT && message.envelope === null;
    if (packet.cut && !isOfStream) this.ledger.notes.add('cut');
    const { ports, rtcp, media } = this.options;
    const known = rtcp ?? media;
    if (known !== undefined && message.payloadType === PAYLOAD_SIP) this.learn(message, known);
    const isOwnReport = message.payloadType !== PAYLOAD_SIP && message.envelope === null;
    if (ports.length > 0 && !isOwnReport && !portsMatch(ports, message.sourcePort, message.destinationPort)) {
      this.ledger.filtered.add('port');
      return;
    }
    if (!isOfStream && !this.isWanted(packet)) {
      this.ledger.filtered.add('tunnel');
      return;
    }
    const { sourceIndex } = packet.frame;
    const late = this.last ?? this.swept;
    if (late !== null) late.push({ message, sourceIndex, index: this.inFrame });
    else this.pass(message, sourceIndex, this.inFrame);
  }

  private learn({ payload, capturedAt }: Message, known: RtcpWatch | MediaWatch): void {
    const sip = this.reader.peek(payload);
    if (!isFault(sip)) known.learn(sip, payload, capturedAt);
  }

  /** A place is taken also where the message brings an identity of its own: the others do not depend on that. */
  private identify(message: Message, { number, sourceIndex }: Frame, kind: PlaceKind, end: number): void {
    const place = this.places.next(number, end, kind, this.last === null ? -1 : sourceIndex);
    if (message.stream !== NO_STREAM) return;
    message.stream = this.options.streams![sourceIndex];
    message.sequence = place;
  }

  private pass(message: Message, sourceIndex: number, index: number): void {
    const leftOut = this.accept(message, sourceIndex, index, this.last !== null);
    if (leftOut !== '') this.ledger.filtered.add(leftOut);
    else if (!this.dispatch(message)) this.room = false;
  }

  /** It came through the selected tunnel, if one is selected. */
  private isWanted(packet: Packet): boolean {
    const { tunnelTo } = this.options;
    if (tunnelTo === undefined) return true;
    return packet.inIpTunnel() && (isUnspecified(tunnelTo) || tunnelTo === packet.outerDestination());
  }
}

function isUnspecified(address: string): boolean {
  return address === '0.0.0.0' || address === '::';
}
