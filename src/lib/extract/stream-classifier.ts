/**
 * Finds out what a TCP direction carries (SIP, SIP over WebSocket, HEP or HTTP) and lets the framer of that protocol take
 * it. HTTP is told apart by its request line: what answers it is HTTP too, whatever its status line looks like. A stream
 * is never ignored for ever: what it carries may show later.
 */
import { GrowingBuffer, NO_FRAMES, UNKNOWN_GAP, type Frame, type StreamFramer } from '../base/index.js';
import { compactFrame, type Packet, type StreamReceiver } from '../decode/index.js';
import { SipFramer, hasCallId, looksLikeSip } from '../sip/index.js';
import { HepStream } from './hep-stream.js';
import type { Holder } from './hold-account.js';
import { HttpFramer } from './http-framer.js';
import type { MessageReceiver } from './message-receiver.js';
import {
  UNDECIDED,
  beginsHep,
  beginsHttp,
  beginsSipInWebSocket,
  containsHep,
  couldBecomeWord,
  proxyHeaderLength,
} from './stream-protocol.js';
import { WebSocketStream } from './websocket-stream.js';

type StreamProtocol = 'unknown' | 'sip' | 'hep' | 'http' | 'websocket';

/** Rough cost of a stream that holds something, and of a frame that is kept, besides their bytes. */
const HOLD_OVERHEAD_BYTES = 2560;
const FRAME_OVERHEAD_BYTES = 256;

export class StreamClassifier implements StreamReceiver, Holder {
  protocol: StreamProtocol = 'unknown';
  older: Holder | null = null;
  newer: Holder | null = null;
  accountedBytes = 0;
  /** The first bytes, while they are too few to tell. */
  private readonly beginning = new GrowingBuffer();
  private framer: StreamFramer | null = null;
  private beginsBehindGap = false;
  /** The frames of each piece since nothing was held, and what those weigh that are kept beyond the push. */
  private pieces: (readonly Frame[])[] = [];
  private piecesBytes = 0;
  /** The packet in hand; null while what is held is given up without one. */
  private packet: Packet | null = null;
  private heldBefore = 0;

  constructor(
    private readonly receiver: MessageReceiver,
    private readonly keepFrames: boolean,
    private readonly reverse: () => StreamClassifier | undefined,
    private readonly forget: () => void,
  ) {}

  get holding(): boolean {
    return this.beginning.length > 0 || this.framer?.holding === true;
  }

  push(bytes: Buffer, from: number, to: number, packet: Packet): boolean {
    this.packet = packet;
    this.receiver.losses.bytes.received += to - from;
    if (this.keepFrames) this.pieces.push(packet.frames());
    if (this.framer === null) this.pushFirst(bytes, from, to);
    else {
      if (!this.framer.holding || (this.framer instanceof SipFramer && this.framer.isSearching)) this.reconsider(bytes, from, to);
      this.framer.push(bytes, from, to);
    }
    this.packet = null;
    this.settle(true);
    return true;
  }

  gap(lost: number, packet: Packet): void {
    const { bytes } = this.receiver.losses;
    if (lost > 0) bytes.missing += lost;
    this.packet = packet;
    bytes.lostInGaps += this.beginning.take().length;
    this.framer?.gap(lost, packet.cut);
    if (this.framer === null) this.beginsBehindGap = true;
    this.packet = null;
    this.settle(false);
  }

  end(packet: Packet): void {
    this.packet = packet;
    this.receiver.losses.bytes.skipped += this.beginning.take().length;
    this.framer?.end();
    this.framer = null;
    this.packet = null;
    this.settle(false);
    this.forget();
  }

  giveUp(): void {
    this.receiver.losses.bytes.givenUp += this.beginning.take().length;
    this.framer?.gap(UNKNOWN_GAP);
    this.settle(false);
  }

  /** Enters what is held into the accounts. */
  private settle(wasPushed: boolean): void {
    const { receiver } = this;
    const held = this.beginning.length + (this.framer?.heldBytes ?? 0);
    receiver.losses.bytes.held += held - this.heldBefore;
    const wasHolding = this.heldBefore > 0;
    this.heldBefore = held;
    if (this.holding) {
      receiver.hold();
      if (wasPushed) this.keepPieces();
      receiver.holds.set(this, HOLD_OVERHEAD_BYTES + 2 * held + this.piecesBytes);
    } else {
      if (this.pieces.length > 0) this.pieces = [];
      this.piecesBytes = 0;
      if (wasHolding) receiver.holds.set(this, 0);
    }
  }

  /** Frames that outlive the push get bytes of their own. */
  private keepPieces(): void {
    const last = this.pieces.pop();
    if (last === undefined) return;
    const compact = last.map(compactFrame);
    for (const frame of compact) this.piecesBytes += frame.bytes.length + FRAME_OVERHEAD_BYTES;
    this.pieces.push(compact);
  }

  /** The frames of the pieces from so many before the one in hand on. Whatever follows a message begins in the piece in hand. */
  private takeFrames(pushesAgo: number): readonly Frame[] {
    if (!this.keepFrames) return NO_FRAMES;
    const frames = this.pieces.slice(-1 - pushesAgo).flat();
    this.pieces.splice(0, this.pieces.length - 1);
    this.piecesBytes = 0;
    return frames;
  }

  /** Decides as soon as there are bytes enough. */
  private pushFirst(bytes: Buffer, from: number, to: number): void {
    const { beginning, receiver } = this;
    const joined = beginning.length === 0 ? bytes.subarray(from, to) : Buffer.concat([beginning.take(), bytes.subarray(from, to)]);
    const proxied = proxyHeaderLength(joined);
    const rest = joined.subarray(Math.max(0, proxied));
    if (proxied === UNDECIDED || (rest.length > 0 && couldBecomeWord(rest, 0, rest.length))) {
      beginning.append(joined, 0, joined.length);
      return;
    }
    receiver.losses.bytes.framed += proxied;
    if (rest.length === 0) return;
    if (this.pieces.length > 1) this.pieces = [this.pieces.flat()];
    this.speak(this.decide(rest));
    if (this.beginsBehindGap) this.framer!.gap(UNKNOWN_GAP);
    this.framer!.push(rest, 0, rest.length);
  }

  private decide(bytes: Buffer): StreamProtocol {
    const { length } = bytes;
    const other = this.reverse()?.protocol;
    if (beginsHep(bytes, 0, length) || (!looksLikeSip(bytes, 0, length) && containsHep(bytes, 0, length))) return 'hep';
    if (beginsHttp(bytes, 0, length)) return 'http';
    if (beginsSipInWebSocket(bytes, 0, length)) return 'websocket';
    return other === 'http' || other === 'websocket' ? other : 'sip';
  }

  /** A capture that began in the middle of something finds out later what it is. */
  private reconsider(bytes: Buffer, from: number, to: number): void {
    if (this.framer instanceof SipFramer && this.isHep(this.framer, bytes, from, to)) this.speak('hep');
    else if ((this.protocol === 'sip' || this.protocol === 'http') && beginsSipInWebSocket(bytes, from, to)) this.speak('websocket');
  }

  /** While SIP is still looked for line by line, HEP may begin anywhere: what it carries is not a message of this stream. */
  private isHep(framer: SipFramer, bytes: Buffer, from: number, to: number): boolean {
    return beginsHep(bytes, from, to) || (framer.isSearchingLines && !looksLikeSip(bytes, from, to) && containsHep(bytes, from, to));
  }

  private speak(protocol: StreamProtocol): void {
    this.framer?.end();
    this.protocol = protocol;
    this.framer = this.framerOf(protocol);
  }

  private framerOf(protocol: StreamProtocol): StreamFramer {
    const { receiver } = this;
    const { losses } = receiver;
    switch (protocol) {
      case 'hep':
        return new HepStream((bytes, from, to) => {
          if (this.packet !== null) receiver.hepPacket(this.packet, bytes, from, to, this.takeFrames(this.pieces.length - 1));
        }, losses);
      case 'http':
        return new HttpFramer((bytes, from, to) => this.upgrade(bytes, from, to), losses);
      case 'websocket':
        return new WebSocketStream(
          (payload, isCut) => this.webSocketMessage(payload, isCut),
          losses,
          (reason) => receiver.note(reason),
        );
      default:
        return new SipFramer((payload, pushesAgo, isCut) => this.sip(payload, pushesAgo, isCut), undefined, losses);
    }
  }

  private upgrade(bytes: Buffer, from: number, to: number): void {
    this.speak('websocket');
    if (from < to) this.framer!.push(bytes, from, to);
  }

  private webSocketMessage(payload: Buffer, isCut: boolean): boolean {
    if (isCut && !hasCallId(payload, 0, payload.length)) return false;
    if (looksLikeSip(payload, 0, payload.length)) this.sip(payload, this.pieces.length - 1, isCut);
    else this.receiver.note('websocket_not_sip');
    return true;
  }

  private sip(payload: Buffer, startedPushesAgo: number, isCut: boolean): void {
    const { packet, receiver } = this;
    if (packet === null) {
      const { bytes, messages } = receiver.losses;
      bytes.framed -= payload.length;
      bytes.givenUp += payload.length;
      messages.add('message_evicted');
      return;
    }
    packet.cut = isCut;
    receiver.sip(packet, payload, this.takeFrames(startedPushesAgo));
    packet.cut = false;
  }
}
