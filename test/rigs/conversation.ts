/** TCP conversations as frames, and the pipeline's output for them. */
import { Ledger, type Frame, type Message } from '../../src/lib/base/index.js';
import { FrameExtractor, type FrameExtractorOptions } from '../../src/lib/extract/frame-extractor.js';
import { ETHER_IPV4, ethernet, frame, tcpPacket, udpPacket } from './frames.js';

export class Conversation {
  readonly frames: Frame[] = [];
  private readonly sent = { client: 1001, server: 5001 };

  constructor(
    private readonly clientPort = 40_000,
    private readonly serverPort = 5060,
  ) {}

  /** Both sides greet, so that both streams are known from their first byte. */
  open(): this {
    this.add('client', 'S', Buffer.alloc(0), 1000);
    this.add('server', 'SA', Buffer.alloc(0), 5000);
    return this;
  }

  /** Sends the bytes in segments of at most that many bytes. */
  client(bytes: Buffer | string, segmentBytes = 1400): this {
    return this.send('client', Buffer.from(bytes), segmentBytes);
  }

  server(bytes: Buffer | string, segmentBytes = 1400): this {
    return this.send('server', Buffer.from(bytes), segmentBytes);
  }

  /** Bytes that the capture missed. */
  lose(side: 'client' | 'server', bytes: number): this {
    this.sent[side] += bytes;
    return this;
  }

  close(): this {
    this.add('client', 'FA', Buffer.alloc(0), this.sent.client);
    this.add('server', 'FA', Buffer.alloc(0), this.sent.server);
    return this;
  }

  private send(side: 'client' | 'server', bytes: Buffer, segmentBytes: number): this {
    for (let at = 0; at < bytes.length; at += segmentBytes) {
      const part = bytes.subarray(at, at + segmentBytes);
      this.add(side, 'PA', part, this.sent[side]);
      this.sent[side] += part.length;
    }
    return this;
  }

  private add(side: 'client' | 'server', flags: string, payload: Buffer, sequence: number): void {
    const ends =
      side === 'client'
        ? { source: '127.0.0.1', destination: '127.0.0.2', sourcePort: this.clientPort, destinationPort: this.serverPort }
        : { source: '127.0.0.2', destination: '127.0.0.1', sourcePort: this.serverPort, destinationPort: this.clientPort };
    const number = this.frames.length + 1;
    this.frames.push(
      frame(ethernet(ETHER_IPV4, tcpPacket({ ...ends, flags, sequence }, payload)), { number, capturedAt: 1_700_000_000_000_000 + number }),
    );
  }
}

export interface Heard {
  messages: Message[];
  /** Payloads as text. */
  texts: string[];
  ledger: Ledger;
  notes: Record<string, number>;
}

/** Runs everything through a pipeline to its end. */
export function hear(frames: readonly Frame[], options: Partial<FrameExtractorOptions> = {}): Heard {
  const messages: Message[] = [];
  const ledger = new Ledger();
  const pipeline = new FrameExtractor(
    { ports: [], keepFrames: false, parseHep: false, ...options },
    ledger,
    () => '',
    (message) => {
      ledger.delivered++;
      return messages.push(message) > 0;
    },
  );
  for (const one of frames) pipeline.frame(one);
  pipeline.finish();
  return { messages, texts: messages.map(({ payload }) => payload.toString('latin1')), ledger, notes: ledger.notes.toJSON() };
}

export function udpFrame(
  payload: Buffer | string,
  members: Partial<Frame> = {},
  ports: { sourcePort?: number; destinationPort?: number } = {},
): Frame {
  return frame(ethernet(ETHER_IPV4, udpPacket(ports, Buffer.from(payload))), members);
}

/** One WebSocket text frame (RFC 6455 section 5.2). */
export function webSocketFrame(payload: Buffer | string, isMasked: boolean, first = 0x81): Buffer {
  const body = Buffer.from(payload);
  const mask = isMasked ? Buffer.from([0x12, 0x34, 0x56, 0x78]) : Buffer.alloc(0);
  const flag = isMasked ? 0x80 : 0;
  const header =
    body.length < 126 ? Buffer.from([first, flag | body.length]) : Buffer.from([first, flag | 126, body.length >>> 8, body.length & 255]);
  if (isMasked) for (let i = 0; i < body.length; i++) body[i] ^= mask[i & 3];
  return Buffer.concat([header, mask, body]);
}

export const UPGRADE =
  'GET /ws HTTP/1.1\r\nHost: example.net\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Protocol: sip\r\n\r\n';
export const SWITCHING = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUPGRADE:  WebSocket\r\n\r\n';
