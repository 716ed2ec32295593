/** `--allow CIDR...`: the allowed senders. Results are cached, because the same agents send for months. */
import { BlockList, isIP } from 'node:net';
import { UsageError } from '../../base/index.js';

const MAX_CACHED = 65_536;
const MAPPED_PREFIX = '::ffff:';

export class AllowList {
  private readonly list = new BlockList();
  private readonly verdicts = new Map<string, boolean>();

  /** Addresses and networks of either family; an empty list allows everybody. */
  constructor(private readonly cidrs: readonly string[]) {
    for (const cidr of cidrs) this.add(cidr);
  }

  allows(address: string): boolean {
    if (this.cidrs.length === 0) return true;
    const known = this.verdicts.get(address);
    if (known !== undefined) return known;
    if (this.verdicts.size >= MAX_CACHED) this.verdicts.clear();
    const plain = plainAddress(address);
    const allowed = isIP(plain) !== 0 && this.list.check(plain, isIP(plain) === 6 ? 'ipv6' : 'ipv4');
    this.verdicts.set(address, allowed);
    return allowed;
  }

  private add(cidr: string): void {
    const [address, prefix, more] = cidr.trim().split('/');
    const version = isIP(address);
    const bits = version === 6 ? 128 : 32;
    const length = prefix === undefined ? bits : /^\d{1,3}$/.test(prefix) ? Number(prefix) : NaN;
    if (version === 0 || more !== undefined || !(length >= 0 && length <= bits)) {
      throw new UsageError(`invalid network '${cidr}': expected 10.0.0.0/8, 192.0.2.7 or 2001:db8::/32`);
    }
    this.list.addSubnet(address, length, version === 6 ? 'ipv6' : 'ipv4');
  }
}

/** Without the zone of a link-local address; IPv4-mapped IPv6 as IPv4 (RFC 4291 section 2.5.5.2). */
function plainAddress(address: string): string {
  const zone = address.indexOf('%');
  const bare = zone < 0 ? address : address.slice(0, zone);
  const mapped = bare.toLowerCase().startsWith(MAPPED_PREFIX) ? bare.slice(MAPPED_PREFIX.length) : '';
  return isIP(mapped) === 4 ? mapped : bare;
}
