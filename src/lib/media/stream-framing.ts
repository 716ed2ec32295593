/**
 * RTP in a TCP stream. Each packet has a length in front of it (RFC 4571 section 2):
 *
 *   | length of 16 bits | RTP, RTCP or STUN |
 *
 * or a dollar sign and a channel as well, between lines of RTSP (RFC 2326 section 10.12), or is ChannelData of TURN, padded
 * to 4 bytes (RFC 8656 section 12.5), between STUN messages.
 */
import { ownCopy, u16 } from '../base/index.js';
import { HEADER_BYTES as RTP_HEADER, rtpPayloadAt } from './rtp-header.js';

/** What a packet is framed with. */
export const UNFRAMED = 0;
const LENGTH = 1;
const DOLLAR = 2;
const CHANNEL = 3;
type Framing = typeof UNFRAMED | typeof LENGTH | typeof DOLLAR | typeof CHANNEL;

const DOLLAR_SIGN = 0x24;
const HEADER_BYTES: Readonly<Record<Framing, number>> = { [UNFRAMED]: 0, [LENGTH]: 2, [DOLLAR]: 4, [CHANNEL]: 4 };
/** Larger ones are no media, and would be waited for. */
const MAX_BYTES = 0x4000;
const STUN_HEADER = 20;
const COOKIE = 0x2112a442;
const NONE = Buffer.alloc(0);

export class MediaFramer {
  framing: Framing = UNFRAMED;
  /** The beginning of a packet whose rest is not there yet. */
  private pending = NONE;

  constructor(private readonly onPacket: (bytes: Buffer, from: number, to: number, isRelayed: boolean) => void) {}

  get heldBytes(): number {
    return this.pending.length;
  }

  /** What directly follows. Where it is no media it is looked at anew with every call: packets often begin segments. */
  push(bytes: Buffer, from: number, to: number): void {
    if (this.framing === UNFRAMED) {
      this.framing = framingOf(bytes, from, to);
      if (this.framing === UNFRAMED) return;
    }
    let [text, at, end] = [bytes, from, to];
    if (this.pending.length > 0) {
      text = Buffer.concat([this.pending, bytes.subarray(from, to)]);
      [at, end] = [0, text.length];
      this.pending = NONE;
    }
    const rest = this.packets(text, at, end);
    if (rest < end) this.pending = ownCopy(text, rest, end);
  }

  /** Bytes are missing. */
  gap(): void {
    this.framing = UNFRAMED;
    this.pending = NONE;
  }

  /** Where the first packet begins that is not whole. */
  private packets(bytes: Buffer, from: number, to: number): number {
    let at = from;
    while (at < to) {
      at = this.skip(bytes, at, to);
      if (at >= to) return to;
      const header = HEADER_BYTES[this.framing];
      if (to - at < header) return at;
      const length = u16(bytes, at + header - 2);
      const begin = at + header;
      const end = begin + length;
      if (length > MAX_BYTES || (this.framing === CHANNEL && bytes[at] >> 4 !== 4)) {
        this.gap();
        return to;
      }
      const padded = this.framing === CHANNEL ? end + (-length & 3) : end;
      if (padded > to) return at;
      if (rtpPayloadAt(bytes, begin, end) >= 0) this.onPacket(bytes, begin, end, this.framing === CHANNEL);
      at = padded;
    }
    return at;
  }

  /** Over lines of RTSP, or a STUN message, to the next packet; `to` where there is none. */
  private skip(bytes: Buffer, from: number, to: number): number {
    if (this.framing === CHANNEL) {
      let at = from;
      while (at < to && isStun(bytes, at, to)) at += STUN_HEADER + u16(bytes, at + 2);
      return at;
    }
    if (this.framing !== DOLLAR || bytes[from] === DOLLAR_SIGN) return from;
    const found = bytes.subarray(from, to).indexOf(DOLLAR_SIGN);
    return found < 0 ? to : from + found;
  }
}

function framingOf(bytes: Buffer, from: number, to: number): Framing {
  if (isPacket(bytes, from + 2, to)) return LENGTH;
  if (bytes[from] === DOLLAR_SIGN && isPacket(bytes, from + 4, to)) return DOLLAR;
  if (bytes[from] >> 4 === 4 && isPacket(bytes, from + 4, to)) return CHANNEL;
  return UNFRAMED;
}

/** Whether RTP begins there, of the length that stands before it. */
function isPacket(bytes: Buffer, at: number, to: number): boolean {
  if (to - at < RTP_HEADER) return false;
  const length = u16(bytes, at - 2);
  return length <= MAX_BYTES && rtpPayloadAt(bytes, at, Math.min(to, at + length)) >= 0;
}

function isStun(bytes: Buffer, from: number, to: number): boolean {
  return to - from >= STUN_HEADER && bytes[from] >> 6 === 0 && bytes.readUInt32BE(from + 4) === COOKIE;
}
