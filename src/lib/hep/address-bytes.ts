/** Bytes of repeated addresses: parsed once and cached (bounded). */
import { parseIpv4, parseIpv6 } from '../base/index.js';

const MAX_KEPT = 65_536;
const MAPPED_PREFIX = Buffer.from('00000000000000000000ffff', 'hex');

export class AddressBytes {
  private readonly as4 = new Map<string, Buffer | null>();
  private readonly as6 = new Map<string, Buffer | null>();

  /** Four bytes, or sixteen for IPv6 (an IPv4 address is mapped, RFC 4291 section 2.5.5.2); null if the text is not an address. */
  of(text: string, asIpv6: boolean): Buffer | null {
    if (text === '') return null;
    const kept = asIpv6 ? this.as6 : this.as4;
    const known = kept.get(text);
    if (known !== undefined) return known;
    if (kept.size >= MAX_KEPT) kept.clear();
    const bytes = asIpv6 ? sixteen(text) : parseIpv4(text);
    kept.set(text, bytes);
    return bytes;
  }
}

function sixteen(text: string): Buffer | null {
  const four = parseIpv4(text);
  return four === null ? parseIpv6(text) : Buffer.concat([MAPPED_PREFIX, four]);
}
