/** `$si == 10.0.0.0/8`: addresses and networks to compare with. */
import { parseAddress, parseIpv4 } from '../base/index.js';

export interface Network {
  bytes: Buffer;
  bits: number;
}

/** Reads `a.b.c.d` or `a.b.c.d/bits`, or says what is wrong. */
export function parseNetwork(text: string): Network | string {
  const slash = text.indexOf('/');
  const bytes = parseIpv4(slash < 0 ? text : text.slice(0, slash));
  if (bytes === null) return `'${text}' is no IPv4 address`;
  const bits = slash < 0 ? 32 : Number(text.slice(slash + 1));
  return bits > 32 ? `'${text}' has more than 32 bits of network` : { bytes, bits };
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
