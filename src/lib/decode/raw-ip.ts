/** Raw IP, IPv4 or IPv6 by its version nibble (tcpdump.org LINKTYPE_RAW; RFC 791 section 3.1, RFC 8200 section 3). */
import { IPV4, IPV6 } from './layer-ids.js';
import type { Walk } from './walk.js';

export function rawIp(walk: Walk): number {
  if (walk.end - walk.at < 1) return walk.short('raw', 1);
  const version = walk.bytes[walk.at] >>> 4;
  if (version === 4) return IPV4;
  if (version === 6) return IPV6;
  return walk.fail('bad_version', 'raw');
}
