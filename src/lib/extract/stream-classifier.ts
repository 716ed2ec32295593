/**
 * Determines what a TCP direction carries (SIP, SIP over WebSocket, HEP or HTTP) and passes it to the framer of that
 * protocol. HTTP is recognised by its request line: the responses are HTTP too, whatever their status line. A stream is
 * never ignored for good: its protocol may show later.
 */
import { GrowingBuffer, NO_FRAMES, UNKNOWN_GAP, type Frame, type StreamBytes, type StreamFramer } from '../base/index.js';
import type { ConnectionFrames, Packet, StreamReceiver } from '../decode/index.js';
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
  couldBeginAny,
  couldBecomeWord,
  proxyHeaderLength,
} from './stream-protocol.js';
import { WebSocketStream } from './websocket-stream.js';

type StreamProtocol = 'unknown' | 'sip' | 'hep' | 'http' | 'websocket';

/** Rough cost of a stream that holds something, besides the bytes. */
const HOLD_OVERHEAD_BYTES = 2560;
const UNKNOWN = -1;

export class StreamClassifier implements StreamReceiver, Holder {
  protocol: StreamProtocol = 'unknown';
  older: Holder | null = null;
  newer: Holder | null = null;
  accountedBytes = 0;
  /** The first bytes, while they are too few to decide. */
  private readonly beginning = new GrowingBuffer();
  private framer: StreamFramer | null = null;
  private beginsBehindGap = false;
  /** Position in the connection's frames at which the last message ended. */
  private endedAt = UNKNOWN;
  private tookFrames = false;
  /** The current packet; null while held bytes are given up without one. */
  private packet: Packet | null = null;
  private heldBefore = 0;
  /** Bytes of all streams that were accounted for before the current push. */
  private settledBefore = 0;
  /** Long without a message: segments that cannot begin anything are skipped at a glance. */
  private isDormant = false;

  constructor(
    private readonly receiver: MessageReceiver,
    private readonly reverse: () => StreamClassifier | undefined,
    private readonly forget: () => void,
  ) {}

  get holding(): boolean {
    return this.beginning.length > 0 || this.framer?.holding === true;
  }

  push(bytes: Buffer, from: number, to: number, packet: Packet): boolean {
    const account = this.receiver.losses.bytes;
    account.received += to - from;
    if (this.isDormant && !couldBeginAny(bytes, from, to)) {
      account.skipped += to - from;
      return true;
    }
    const lostBefore = account.lostInGaps + account.givenUp;
    this.packet = packet;
    this.settledBefore = settled(account);
    if (this.endedAt === UNKNOWN && packet.connection !== null) this.endedAt = packet.connection.start;
    if (this.framer === null) this.pushFirst(bytes, from, to);
    else {
      if (!this.framer.holding || (this.framer instanceof SipFramer && this.framer.isSearching)) this.reconsider(bytes, from, to);
      this.framer.push(bytes, from, to);
    }
    if (packet.isDirect && packet.connection !== null && this.tookFrames && !this.holding)
      this.endAt(packet.connection, packet.connection.end);
    this.tookFrames = false;
    this.packet = null;
    // The rest of a lost message is still part of it.
    if (account.lostInGaps + account.givenUp > lostBefore) this.receiver.hold();
    this.settle();
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
    this.settle();
  }

  end(packet: Packet): void {
    this.packet = packet;
    this.receiver.losses.bytes.skipped += this.beginning.take().length;
    this.framer?.end();
    this.framer = null;
    this.packet = null;
    this.settle();
    this.forget();
  }

  giveUp(): void {
    this.receiver.losses.bytes.givenUp += this.beginning.take().length;
    this.framer?.gap(UNKNOWN_GAP);
    this.settle();
  }

  /** Updates the accounts of what is held. */
  private settle(): void {
    const { holding, receiver } = this;
    const held = this.beginning.length + (this.framer?.heldBytes ?? 0);
    receiver.losses.bytes.held += held - this.heldBefore;
    this.heldBefore = held;
    if (holding) receiver.hold();
    this.isDormant = this.framer instanceof SipFramer && this.framer.isDormant;
    const account = holding ? HOLD_OVERHEAD_BYTES + 2 * held : 0;
    if (account !== this.accountedBytes) receiver.holds.set(this, account);
  }

  /** All frames of the connection since this direction's last message; the next may begin in the last of them. */
  private takeFrames(packet: Packet): readonly Frame[] {
    const { connection } = packet;
    if (connection === null) return NO_FRAMES;
    const frames = packet.framesSince(this.endedAt);
    this.endAt(connection, connection.end - 1);
    this.tookFrames = true;
    return frames;
  }

  /** The other direction's frames stay until it has a message, too. */
  private endAt(connection: ConnectionFrames, position: number): void {
    this.endedAt = position;
    const reverse = this.reverse();
    if (reverse !== undefined) connection.prune(Math.min(position, reverse.endedAt));
    else if (connection.isOneSided) connection.prune(position);
  }

  /** Decides as soon as there are enough bytes. */
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

  /** A capture that began in the middle of a stream may recognise its protocol later. */
  private reconsider(bytes: Buffer, from: number, to: number): void {
    if (this.framer instanceof SipFramer && this.isHep(this.framer, bytes, from, to)) this.speak('hep');
    else if ((this.protocol === 'sip' || this.protocol === 'http') && beginsSipInWebSocket(bytes, from, to)) this.speak('websocket');
  }

  /** While SIP is searched line by line, HEP may begin anywhere: the SIP it carries is not a message of this stream. */
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
          if (this.packet === null) return false;
          receiver.hepPacket(this.packet, bytes, from, to, this.takeFrames(this.packet), this.placeIn(this.packet));
          return true;
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
        return new SipFramer((payload, isCut) => this.deliver(payload, false, isCut), undefined, losses);
    }
  }

  private upgrade(bytes: Buffer, from: number, to: number): void {
    this.speak('websocket');
    if (from < to) this.framer!.push(bytes, from, to);
  }

  private webSocketMessage(payload: Buffer, isCut: boolean): boolean {
    if (isCut && !hasCallId(payload, 0, payload.length)) return false;
    if (!looksLikeSip(payload, 0, payload.length)) {
      this.receiver.note('websocket_not_sip');
      return true;
    }
    // Its frames would be unreadable without the upgrade and earlier compressed data: it is written as plain SIP over TCP.
    this.deliver(payload, true, isCut);
    return true;
  }

  private deliver(payload: Buffer, withoutFrames: boolean, isCut: boolean): void {
    const { packet, receiver } = this;
    if (packet === null) {
      const { bytes, messages } = receiver.losses;
      bytes.framed -= payload.length;
      bytes.givenUp += payload.length;
      messages.add('message_evicted');
      return;
    }
    packet.cut = isCut;
    receiver.sip(packet, payload, withoutFrames ? NO_FRAMES : this.takeFrames(packet), isCut ? 0 : this.placeIn(packet));
    packet.cut = false;
  }

  /** Where the message that has just been framed ends: all bytes before are accounted for, or held. */
  private placeIn(packet: Packet): number {
    const { bytes } = this.receiver.losses;
    return packet.placeAfter(settled(bytes) - this.settledBefore - this.heldBefore + (this.framer?.heldBytes ?? 0));
  }
}

function settled({ framed, skipped, lostInGaps, givenUp }: StreamBytes): number {
  return framed + skipped + lostInGaps + givenUp;
}
