/** `$si == 10.0.0.0/8`: addresses and networks to compare with. */
import { parseAddress, parseIpv4, parseIpv6 } from '../base/index.js';

export interface Network {
  bytes: Buffer;
  bits: number;
}

/** Reads `a.b.c.d` or `a.b.c.d/bits`, or returns the error. */
export function parseNetwork(text: string): Network | string {
  const slash = text.indexOf('/');
  const bytes = parseIpv4(slash < 0 ? text : text.slice(0, slash));
  if (bytes === null) return `invalid IPv4 address '${text}'`;
  const bits = slash < 0 ? 32 : Number(text.slice(slash + 1));
  return bits > 32 ? `invalid network '${text}': expected 0 to 32 bits` : { bytes, bits };
}

/** As above, and IPv6; the mask may be written as an address: `10.0.0.0/255.0.0.0`. */
export function parseAnyNetwork(text: string): Network | string {
  const slash = text.indexOf('/');
  const bytes = parseAddress(slash < 0 ? text : text.slice(0, slash));
  if (bytes === null) return `invalid address '${text}'`;
  if (slash < 0) return { bytes, bits: bytes.length * 8 };
  const mask = text.slice(slash + 1);
  const wide = mask.includes('.') ? parseIpv4(mask) : mask.includes(':') ? parseIpv6(mask) : null;
  const bits = wide === null ? Number(mask) : bitsOf(wide);
  return mask !== '' && Number.isInteger(bits) && bits >= 0 && bits <= bytes.length * 8 ? { bytes, bits } : `invalid network '${text}'`;
}

/** Set bits at the front of a mask. */
function bitsOf(mask: Buffer): number {
  let bits = 0;
  for (const byte of mask) bits += Math.clz32(~(byte << 24));
  return bits;
}

/** RFC 1918, and RFC 6598. */
const PRIVATE = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10'].map((text) => parseAnyNetwork(text) as Network);

export function isPrivateIpv4(address: string): boolean {
  return PRIVATE.some((network) => isWithin(network, address));
}

/** RFC 1918 alone. */
export function isRfc1918(address: string): boolean {
  return PRIVATE.slice(0, 3).some((network) => isWithin(network, address));
}

export function isWithin(network: Network, address: string): boolean {
  const bytes = parseAddress(address);
  if (bytes === null || bytes.length !== network.bytes.length) return false;
  let left = network.bits;
  for (let i = 0; left > 0; i++, left -= 8) {
    const mask = left >= 8 ? 0xff : (0xff << (8 - left)) & 0xff;
    if ((bytes[i] & mask) !== (network.bytes[i] & mask)) return false;
  }
  return true;
}
