/**
 * Media that a TURN server relays: in channels (RFC 8656 section 12.4)
 *
 *   | channel 0x4000 to 0x4fff | length | data |
 *
 * and in Send and Data indications (section 10), which are STUN messages (RFC 8489 section 5) with an attribute DATA. The
 * peer, who is at the other end, is named by XOR-PEER-ADDRESS of an indication or of the request that bound the channel.
 */
import { ipv4Text, ipv6Text, u16 } from '../base/index.js';
import type { Packet } from '../decode/index.js';

export interface Peer {
  address: string;
  port: number;
  /** It is behind the server that sends the packet, or that it is sent to. */
  isSource: boolean;
}

export const UNKNOWN_PEER: Peer = Object.freeze({ address: '', port: 0, isSource: false });

const CHANNEL_HEADER = 4;
const STUN_HEADER = 20;
const COOKIE = 0x2112a442;
const SEND = 0x0016;
const DATA = 0x0017;
const CHANNEL_BIND = 0x0009;
const CHANNEL_NUMBER = 0x000c;
const XOR_PEER_ADDRESS = 0x0012;
const DATA_ATTRIBUTE = 0x0013;
const MAX_ATTRIBUTES = 32;
const MAX_CHANNELS = 10_000;

/** Where the data of ChannelData begin; -1 for what is none. Over UDP there may be padding behind them. */
export function channelDataAt(bytes: Uint8Array, from: number, to: number): number {
  if (to - from < CHANNEL_HEADER || bytes[from] >> 4 !== 4) return -1;
  const rest = to - from - CHANNEL_HEADER - u16(bytes, from + 2);
  return rest >= 0 && rest < 4 ? from + CHANNEL_HEADER : -1;
}

export class TurnRelays {
  /** What was unwrapped last: bytes[at..end), and who is at the other end. */
  at = 0;
  end = 0;
  peer = UNKNOWN_PEER;
  /** By the addresses of client and server, and the channel; oldest first. */
  private readonly channels = new Map<string, { address: string; port: number }>();

  /** True where a datagram has relayed data in it. */
  unwrap(packet: Packet, bytes: Buffer, from: number, to: number): boolean {
    const data = channelDataAt(bytes, from, to);
    if (data >= 0) {
      this.at = data;
      this.end = data + u16(bytes, from + 2);
      this.peer = this.peerOfChannel(packet, u16(bytes, from));
      return true;
    }
    if (bytes[from] !== 0 || !isStun(bytes, from, to)) return false;
    const type = u16(bytes, from);
    if (type === CHANNEL_BIND) this.bind(packet, bytes, from, to);
    return (type === SEND || type === DATA) && this.indication(bytes, from, to, type === DATA);
  }

  private indication(bytes: Buffer, from: number, to: number, isSource: boolean): boolean {
    this.at = -1;
    this.peer = UNKNOWN_PEER;
    forEachAttribute(bytes, from, to, (type, at, end) => {
      if (type === DATA_ATTRIBUTE) {
        this.at = at;
        this.end = end;
      } else if (type === XOR_PEER_ADDRESS) {
        const peer = xorAddress(bytes, from, at, end);
        if (peer !== null) this.peer = { ...peer, isSource };
      }
    });
    return this.at >= 0;
  }

  private bind(packet: Packet, bytes: Buffer, from: number, to: number): void {
    let channel = -1;
    let peer: ReturnType<typeof xorAddress> = null;
    forEachAttribute(bytes, from, to, (type, at, end) => {
      if (type === CHANNEL_NUMBER && end - at >= 2) channel = u16(bytes, at);
      else if (type === XOR_PEER_ADDRESS) peer = xorAddress(bytes, from, at, end);
    });
    if (channel < 0 || peer === null) return;
    const key = channelKey(ends(packet, false), channel);
    this.channels.delete(key);
    if (this.channels.size >= MAX_CHANNELS) this.channels.delete(this.channels.keys().next().value!);
    this.channels.set(key, peer);
  }

  /** The client bound it; the data go either way. */
  private peerOfChannel(packet: Packet, channel: number): Peer {
    if (this.channels.size === 0) return UNKNOWN_PEER;
    const sent = this.channels.get(channelKey(ends(packet, false), channel));
    if (sent !== undefined) return { ...sent, isSource: false };
    const received = this.channels.get(channelKey(ends(packet, true), channel));
    return received === undefined ? UNKNOWN_PEER : { ...received, isSource: true };
  }
}

function isStun(bytes: Buffer, from: number, to: number): boolean {
  return to - from >= STUN_HEADER && bytes.readUInt32BE(from + 4) === COOKIE && u16(bytes, from + 2) === to - from - STUN_HEADER;
}

function forEachAttribute(bytes: Buffer, from: number, to: number, visit: (type: number, at: number, end: number) => void): void {
  let at = from + STUN_HEADER;
  for (let count = 0; at + 4 <= to && count < MAX_ATTRIBUTES; count++) {
    const length = u16(bytes, at + 2);
    const end = at + 4 + length;
    if (end > to) return;
    visit(u16(bytes, at), at + 4, end);
    at = end + (-length & 3);
  }
}

/** RFC 8489 section 14.2: the port and the address are combined with the cookie, and IPv6 with the transaction as well. */
function xorAddress(bytes: Buffer, message: number, at: number, end: number): { address: string; port: number } | null {
  const size = bytes[at + 1] === 1 ? 4 : bytes[at + 1] === 2 ? 16 : 0;
  if (size === 0 || end - at < 4 + size) return null;
  const plain = Buffer.alloc(size);
  for (let i = 0; i < size; i++) plain[i] = bytes[at + 4 + i] ^ bytes[message + 4 + i];
  const port = u16(bytes, at + 2) ^ (COOKIE >>> 16);
  return { address: size === 4 ? ipv4Text(plain, 0) : ipv6Text(plain, 0), port };
}

function ends(packet: Packet, isReversed: boolean): string {
  const source = `${packet.sourceAddress()} ${packet.sourcePort}`;
  const destination = `${packet.destinationAddress()} ${packet.destinationPort}`;
  return isReversed ? `${destination} ${source}` : `${source} ${destination}`;
}

function channelKey(pair: string, channel: number): string {
  return `${pair} ${channel}`;
}
