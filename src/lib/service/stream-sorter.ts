/**
 * Finds out what a TCP direction speaks (SIP, SIP over WebSocket, HEP or nothing for us) and frames it.
 * HTTP is told apart by its request line: what answers it is HTTP too, whatever its status line says.
 */
import { NO_FRAMES, type Frame } from '../base/index.js';
import { WebSocketDeframer, type Packet, type StreamReceiver } from '../decode/index.js';
import { HepFramer } from '../hep/index.js';
import { SipFramer, looksLikeSip } from '../sip/index.js';
import type { FramePipeline } from './frame-pipeline.js';

type Speech = 'unknown' | 'sip' | 'hep' | 'http' | 'websocket' | 'ignored';

/** Bytes without any SIP after which a stream is left alone. */
const PATIENCE_BYTES = 65_536;
const HTTP_HEAD_LIMIT = 16_384;

export class StreamSorter implements StreamReceiver {
  speech: Speech = 'unknown';
  private head = '';
  /** The frames of each piece since nothing was held. */
  private pieces: (readonly Frame[])[] = [];
  private packet: Packet | null = null;
  private sipFramer: SipFramer | null = null;
  private hepFramer: HepFramer | null = null;
  private webSocket: WebSocketDeframer | null = null;

  constructor(
    private readonly pipeline: FramePipeline,
    private readonly keepFrames: boolean,
    private readonly reverse: () => StreamSorter | undefined,
    private readonly forget: () => void,
  ) {}

  push(bytes: Buffer, from: number, to: number, packet: Packet): boolean {
    this.packet = packet;
    if (this.keepFrames) this.pieces.push(packet.frames());
    if (this.speech === 'unknown') this.decide(bytes, from, to);
    switch (this.speech) {
      case 'sip': this.pushSip(bytes, from, to); break;
      case 'hep': this.pushHep(bytes, from, to); break;
      case 'http': this.pushHttp(bytes, from, to); break;
      case 'websocket': this.webSocket!.push(bytes, from, to); break;
      default: break;
    }
    this.packet = null;
    if (!this.holding()) this.pieces.length = 0;
    else this.pipeline.hold();
    if (this.speech === 'ignored') this.end();
    return this.speech !== 'ignored';
  }

  gap(lost: number): void {
    this.pipeline.note('stream_gap_bytes', lost);
    this.sipFramer?.gap();
    this.pieces.length = 0;
    if (this.speech === 'hep') this.hepFramer = null;
    if (this.speech === 'websocket') this.webSocket = null;
    if (this.speech !== 'sip') this.speech = 'unknown';
  }

  end(): void {
    if (this.sipFramer !== null) {
      this.sipFramer.end();
      const { skippedBytes, gap, tooBig, unfinished } = this.sipFramer.losses;
      for (const [reason, count] of [['stream_bytes_skipped', skippedBytes], ['message_in_gap', gap], ['message_too_big', tooBig], ['message_unfinished', unfinished]] as const) {
        if (count > 0) this.pipeline.note(reason, count);
      }
      this.sipFramer = null;
    }
    this.forget();
  }

  /** The frames of the last pieces: the one in hand and `pushesAgo` before it. */
  private framesSince(pushesAgo: number): readonly Frame[] {
    return this.keepFrames ? this.pieces.slice(-1 - pushesAgo).flat() : NO_FRAMES;
  }

  private holding(): boolean {
    return this.sipFramer?.holding === true || this.hepFramer?.holding === true || this.webSocket?.holding === true;
  }

  /** By the first bytes of a stream, or of what follows a gap. */
  private decide(bytes: Buffer, from: number, to: number): void {
    const other = this.reverse()?.speech;
    if (startsWith(bytes, from, to, 'HEP3')) {
      this.speech = 'hep';
    } else if (other === 'http' || other === 'websocket' || startsWith(bytes, from, to, 'GET ') && !looksLikeSip(bytes, from, to)) {
      this.speech = 'http';
    } else if (startsWith(bytes, from, to, 'HTTP/')) {
      this.speech = 'http';
    } else if (this.webSocketMidStream(bytes, from, to)) {
      this.startWebSocket();
    } else {
      this.speech = 'sip';
    }
  }

  private pushSip(bytes: Buffer, from: number, to: number): void {
    this.sipFramer ??= new SipFramer((payload, startedPushesAgo) => this.pipeline.sip(this.packet!, payload, this.framesSince(startedPushesAgo)));
    this.sipFramer.push(bytes, from, to);
    if (this.sipFramer.skippedInARow > PATIENCE_BYTES) this.speech = 'ignored';
  }

  private pushHep(bytes: Buffer, from: number, to: number): void {
    this.hepFramer ??= new HepFramer();
    const verdict = this.hepFramer.push(bytes, from, to, (whole, first, past) =>
      this.pipeline.hepPacket(this.packet!, whole, first, past, this.framesSince(this.pieces.length - 1)));
    if (verdict === 'close') this.speech = 'ignored';
  }

  /** Waits for the end of the HTTP head; an upgrade to WebSocket goes on as such, anything else is not for us. */
  private pushHttp(bytes: Buffer, from: number, to: number): void {
    const before = this.head.length;
    this.head += bytes.latin1Slice(from, to);
    const end = this.head.indexOf('\r\n\r\n', Math.max(0, before - 3));
    if (end < 0) {
      if (this.head.length > HTTP_HEAD_LIMIT) this.speech = 'ignored';
      return;
    }
    const upgrade = /^upgrade:[ \t]*websocket/im.test(this.head.slice(0, end + 2));
    const rest = from + end + 4 - before;
    this.head = '';
    if (!upgrade) {
      // The answering direction may look first: it finds 'ignored' gone and 'http' here only while we are listened to.
      this.speech = 'http';
      return;
    }
    this.startWebSocket();
    if (rest < to) this.webSocket!.push(bytes, rest, to);
  }

  private startWebSocket(): void {
    this.speech = 'websocket';
    this.webSocket = new WebSocketDeframer((payload) => {
      if (looksLikeSip(payload, 0, payload.length)) this.pipeline.sip(this.packet!, payload, this.framesSince(this.pieces.length - 1));
    });
  }

  /** A data frame (RFC 6455 section 5.2) whose payload, once unmasked, is SIP: the capture began after the upgrade. */
  private webSocketMidStream(bytes: Buffer, from: number, to: number): boolean {
    const opcode = bytes[from] & 0x0f;
    if ((bytes[from] & 0x70) !== 0 || (opcode !== 1 && opcode !== 2) || to - from < 16) return false;
    let found = false;
    const trial = new WebSocketDeframer((payload) => {
      found = looksLikeSip(payload, 0, payload.length);
    });
    trial.push(bytes, from, to);
    return found;
  }
}

function startsWith(bytes: Buffer, from: number, to: number, text: string): boolean {
  if (to - from < text.length) return false;
  for (let i = 0; i < text.length; i++) if (bytes[from + i] !== text.charCodeAt(i)) return false;
  return true;
}
