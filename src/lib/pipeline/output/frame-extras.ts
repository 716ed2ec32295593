/**
 * What HEP carries of a frame besides the message: MAC addresses and TCP flags. Read from the frame that completed the
 * message, Ethernet with VLAN tags and no tunnel; anything else has none.
 */
import { LINK_ETHERNET, PROTOCOL_TCP, u16, type Frame } from '../../base/index.js';

const ETHERNET_BYTES = 14;
const TAG_BYTES = 4;
const IPV6_BYTES = 40;
const TCP_FLAGS_AT = 13;

export interface FrameExtras {
  /** Six bytes each, or null. */
  sourceMac: Buffer | null;
  destinationMac: Buffer | null;
  /** -1 where there are none. */
  tcpFlags: number;
}

const NONE: FrameExtras = Object.freeze({ sourceMac: null, destinationMac: null, tcpFlags: -1 });

export function frameExtras(frames: readonly Frame[]): FrameExtras {
  const frame = frames[frames.length - 1];
  if (frame === undefined || frame.linkType !== LINK_ETHERNET || frame.to - frame.from < ETHERNET_BYTES) return NONE;
  const { bytes, from } = frame;
  return { destinationMac: bytes.subarray(from, from + 6), sourceMac: bytes.subarray(from + 6, from + 12), tcpFlags: tcpFlags(frame) };
}

function tcpFlags({ bytes, from, to }: Frame): number {
  let at = from + 12;
  while (at + TAG_BYTES + 2 <= to && isTag(u16(bytes, at))) at += TAG_BYTES;
  const type = u16(bytes, at);
  const ip = at + 2;
  let tcp = -1;
  if (type === 0x0800 && ip + 20 <= to && bytes[ip + 9] === PROTOCOL_TCP) tcp = ip + (bytes[ip] & 15) * 4;
  if (type === 0x86dd && ip + IPV6_BYTES <= to && bytes[ip + 6] === PROTOCOL_TCP) tcp = ip + IPV6_BYTES;
  return tcp < 0 || tcp + TCP_FLAGS_AT >= to ? -1 : bytes[tcp + TCP_FLAGS_AT];
}

/** IEEE 802.1Q, 802.1ad, and what older switches used for the outer tag. */
function isTag(type: number): boolean {
  return type === 0x8100 || type === 0x88a8 || type === 0x9100;
}
