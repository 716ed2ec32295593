/**
 * Finds out what a TCP direction speaks (SIP, SIP over WebSocket, HEP or nothing for us) and frames it.
 * HTTP is told apart by its request line: what answers it is HTTP too, whatever its status line says.
 */
import { NO_FRAMES, type Frame } from '../base/index.js';
import { WebSocketDeframer, type Packet, type StreamReceiver } from '../decode/index.js';
import { HepFramer } from '../hep/index.js';
import { SipFramer, looksLikeSip } from '../sip/index.js';
import type { FrameExtractor } from './frame-extractor.js';
import { beginsHep, beginsHttp, beginsSipInWebSocket, couldBecomeWord } from './stream-protocol.js';

type StreamProtocol = 'unknown' | 'sip' | 'hep' | 'http' | 'websocket' | 'ignored';

/** Bytes without any SIP after which a stream is left alone. */
const PATIENCE_BYTES = 65_536;
const HTTP_HEAD_LIMIT = 16_384;
const NOTHING = Buffer.alloc(0);

export class StreamClassifier implements StreamReceiver {
  protocol: StreamProtocol = 'unknown';
  /** The first bytes, while they are too few to tell. */
  private beginning: Buffer = NOTHING;
  private head = '';
  /** The frames of each piece since nothing was held. */
  private pieces: (readonly Frame[])[] = [];
  private packet: Packet | null = null;
  private sipFramer: SipFramer | null = null;
  private hepFramer: HepFramer | null = null;
  /** Null while the next frame's beginning is looked for. */
  private webSocket: WebSocketDeframer | null = null;
  private skippedInARow = 0;

  constructor(
    private readonly pipeline: FrameExtractor,
    private readonly keepFrames: boolean,
    private readonly reverse: () => StreamClassifier | undefined,
    private readonly forget: () => void,
  ) {}

  push(bytes: Buffer, from: number, to: number, packet: Packet): boolean {
    this.packet = packet;
    if (this.keepFrames) this.pieces.push(packet.frames());
    if (this.protocol === 'unknown') this.pushFirst(bytes, from, to);
    else {
      if (!this.holding()) this.reconsider(bytes, from, to);
      this.pushOn(bytes, from, to);
    }
    this.packet = null;
    if (!this.holding()) this.pieces.length = 0;
    else this.pipeline.hold();
    if (this.protocol === 'ignored') this.end();
    return this.protocol !== 'ignored';
  }

  gap(lost: number): void {
    this.pipeline.note('stream_gap_bytes', lost);
    // The framer of SIP counts what it held itself; a stream stays what it was, and finds its place again.
    this.sipFramer?.gap();
    if (this.holding()) this.pipeline.note('message_lost_in_gap');
    this.noteSkipped(this.beginning.length);
    this.beginning = NOTHING;
    this.head = '';
    this.endHep();
    this.webSocket = null;
    this.pieces.length = 0;
  }

  end(): void {
    if (this.sipFramer !== null) {
      this.sipFramer.end();
      const { skippedBytes, gap, tooBig, unfinished } = this.sipFramer.losses;
      for (const [reason, count] of [
        ['stream_bytes_skipped', skippedBytes],
        ['message_lost_in_gap', gap],
        ['message_too_big', tooBig],
        ['message_unfinished', unfinished],
      ] as const) {
        if (count > 0) this.pipeline.note(reason, count);
      }
      this.sipFramer = null;
    }
    if (this.hepFramer?.holding === true || this.webSocket?.holding === true) this.pipeline.note('message_unfinished');
    this.noteSkipped(this.beginning.length);
    this.beginning = NOTHING;
    this.endHep();
    this.webSocket = null;
    this.forget();
  }

  private endHep(): void {
    this.noteSkipped(this.hepFramer?.skippedBytes ?? 0);
    this.hepFramer = null;
  }

  private noteSkipped(bytes: number): void {
    if (bytes > 0) this.pipeline.note('stream_bytes_skipped', bytes);
  }

  /** The frames of the pieces from so many before the one in hand on. Whatever follows a message begins in the piece in hand. */
  private takeFrames(pushesAgo: number): readonly Frame[] {
    if (!this.keepFrames) return NO_FRAMES;
    const frames = this.pieces.slice(-1 - pushesAgo).flat();
    this.pieces.splice(0, this.pieces.length - 1);
    return frames;
  }

  private holding(): boolean {
    return (
      this.beginning.length > 0 || this.sipFramer?.holding === true || this.hepFramer?.holding === true || this.webSocket?.holding === true
    );
  }

  /** Decides as soon as there are bytes enough. */
  private pushFirst(bytes: Buffer, from: number, to: number): void {
    const joined = this.beginning.length === 0 ? bytes.subarray(from, to) : Buffer.concat([this.beginning, bytes.subarray(from, to)]);
    if (couldBecomeWord(joined, 0, joined.length)) {
      this.beginning = Buffer.from(joined);
      return;
    }
    this.beginning = NOTHING;
    if (this.pieces.length > 1) this.pieces = [this.pieces.flat()];
    this.decide(joined);
    this.pushOn(joined, 0, joined.length);
  }

  private decide(bytes: Buffer): void {
    const { length } = bytes;
    const other = this.reverse()?.protocol;
    if (beginsHep(bytes, 0, length)) this.protocol = 'hep';
    else if (beginsHttp(bytes, 0, length)) this.protocol = 'http';
    else if (beginsSipInWebSocket(bytes, 0, length)) this.protocol = 'websocket';
    else this.protocol = other === 'http' || other === 'websocket' ? other : 'sip';
  }

  /** A capture that began in the middle of something finds out later what it is. */
  private reconsider(bytes: Buffer, from: number, to: number): void {
    if (this.protocol === 'sip' && beginsHep(bytes, from, to)) this.protocol = 'hep';
    else if ((this.protocol === 'sip' || this.protocol === 'http') && beginsSipInWebSocket(bytes, from, to)) this.protocol = 'websocket';
  }

  private pushOn(bytes: Buffer, from: number, to: number): void {
    switch (this.protocol) {
      case 'sip':
        return this.pushSip(bytes, from, to);
      case 'hep':
        return this.pushHep(bytes, from, to);
      case 'http':
        return this.pushHttp(bytes, from, to);
      case 'websocket':
        return this.pushWebSocket(bytes, from, to);
      default:
        return;
    }
  }

  private pushSip(bytes: Buffer, from: number, to: number): void {
    this.sipFramer ??= new SipFramer((payload, startedPushesAgo) =>
      this.pipeline.sip(this.packet!, payload, this.takeFrames(startedPushesAgo)),
    );
    this.sipFramer.push(bytes, from, to);
    if (this.sipFramer.skippedInARow > PATIENCE_BYTES) this.protocol = 'ignored';
  }

  private pushHep(bytes: Buffer, from: number, to: number): void {
    this.hepFramer ??= new HepFramer();
    const verdict = this.hepFramer.push(bytes, from, to, (whole, first, past) =>
      this.pipeline.hepPacket(this.packet!, whole, first, past, this.takeFrames(this.pieces.length - 1)),
    );
    if (verdict === 'close') this.protocol = 'ignored';
  }

  /** Waits for the end of the HTTP head; an upgrade to WebSocket goes on as such, anything else is not for us. */
  private pushHttp(bytes: Buffer, from: number, to: number): void {
    const before = this.head.length;
    this.head += bytes.latin1Slice(from, to);
    const end = this.head.indexOf('\r\n\r\n', Math.max(0, before - 3));
    if (end < 0) {
      if (this.head.length > HTTP_HEAD_LIMIT) this.protocol = 'ignored';
      return;
    }
    const upgrade = /^upgrade:[ \t]*websocket/im.test(this.head.slice(0, end + 2));
    const rest = from + end + 4 - before;
    this.head = '';
    // Without an upgrade it goes on as HTTP: the answering direction looks here to know what it is.
    if (!upgrade) return;
    this.protocol = 'websocket';
    this.webSocket = this.deframer();
    if (rest < to) this.pushWebSocket(bytes, rest, to);
  }

  private pushWebSocket(bytes: Buffer, from: number, to: number): void {
    if (this.webSocket === null || this.webSocket.ended) {
      if (!beginsSipInWebSocket(bytes, from, to)) {
        this.noteSkipped(to - from);
        this.skippedInARow += to - from;
        if (this.skippedInARow > PATIENCE_BYTES) this.protocol = 'ignored';
        return;
      }
      this.webSocket = this.deframer();
    }
    this.skippedInARow = 0;
    const wrong = this.webSocket.push(bytes, from, to);
    if (wrong !== null) this.pipeline.note(wrong.fault);
  }

  private deframer(): WebSocketDeframer {
    return new WebSocketDeframer((payload) => {
      const frames = this.takeFrames(this.pieces.length - 1);
      if (looksLikeSip(payload, 0, payload.length)) this.pipeline.sip(this.packet!, payload, frames);
    });
  }
}
