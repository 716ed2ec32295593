/** Network endpoints as users write them: HEP listeners and targets, port ranges, `raw_socket_listen`. */
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { ipv6Text, isLoopback, parseIpv6 } from './address.js';
import { UsageError } from './fault.js';

export const HEP_PORT = 9060;
export const HEP_TLS_PORT = 9061;

/** All addresses of a family, and where what is sent there arrives. */
const EVERY_ADDRESS: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

export type HepTransport = 'udp' | 'tcp' | 'tls';

/** A HEP listener or target. */
export interface HepEndpoint {
  transport: HepTransport;
  /** Host name or address, IPv6 without brackets. */
  host: string;
  port: number;
}

/**
 * Reads `hep_udp:host:port`, `tcp:host`, `[2001:db8::1]:9060`; the transport defaults to UDP, the port to
 * 9060 (9061 for TLS). IPv6 hosts are in brackets.
 */
export function parseHepEndpoint(text: string): HepEndpoint {
  const match = /^(?:(?:hep_)?(udp|tcp|tls):)?(?:\/\/)?(\[[^\]]*\]|[^:[\]]*)(?::(\d+))?$/i.exec(text.trim());
  if (match === null || match[2] === '')
    throw new UsageError(
      `invalid HEP endpoint '${text}': expected hep_udp:host:port, hep_tcp:host:port or hep_tls:host:port, IPv6 in brackets`,
    );
  const transport = (match[1] ?? 'udp').toLowerCase() as HepTransport;
  const host = match[2].startsWith('[') ? match[2].slice(1, -1) : match[2];
  if (match[2].startsWith('[') && isIP(host) !== 6)
    throw new UsageError(`invalid HEP endpoint '${text}': '${host}' is not an IPv6 address`);
  const port = match[3] === undefined ? (transport === 'tls' ? HEP_TLS_PORT : HEP_PORT) : Number(match[3]);
  if (/^\d+$/.test(host))
    throw new UsageError(`invalid HEP endpoint '${text}': expected a host before the port: hep_${transport}:127.0.0.1:${host}`);
  if (port > 65_535) throw new UsageError(`invalid HEP endpoint '${text}': port ${port} is above 65535`);
  return { transport, host, port };
}

/** A listener may leave out its host, or be a port alone (`9060`, `hep_tcp:9060`): then it is all IPv4 addresses of this host. */
export function parseHepListener(text: string): HepEndpoint {
  const match = /^((?:hep_)?(?:udp|tcp|tls):)?:?(\d+)$/i.exec(text.trim());
  return parseHepEndpoint(match === null ? text : `${match[1] ?? ''}0.0.0.0:${match[2]}`);
}

export function hepEndpointText(endpoint: HepEndpoint): string {
  return `hep_${endpoint.transport}:${hostText(endpoint.host)}:${endpoint.port}`;
}

/**
 * Why a target that leads back to a listener of the same process is refused: what it sends there it would receive and send
 * again, for ever. '' for others. Host names are not resolved, except localhost.
 */
export function ownListenerProblem(target: HepEndpoint, listeners: readonly HepEndpoint[]): string {
  const own = listeners.find(
    ({ transport, host, port }) => transport === target.transport && port === target.port && port !== 0 && isReached(host, target.host),
  );
  return own === undefined
    ? ''
    : `${hepEndpointText(target)} leads back to the listener ${hepEndpointText(own)}: it would send everything to itself`;
}

function isReached(listener: string, target: string): boolean {
  const [own, host] = [plainHost(listener), plainHost(target)];
  // What is sent to no address arrives on loopback. A listener on all addresses has those of its family only.
  const reached = EVERY_ADDRESS[host] ?? host;
  if (reached === own) return true;
  return own in EVERY_ADDRESS && isIP(own) === isIP(reached) && (isLoopback(reached) || ownAddresses().has(reached));
}

/** One spelling of each address, an IPv4-mapped one as its IPv4 address; names stay names. */
function plainHost(host: string): string {
  if (host.toLowerCase() === 'localhost') return '127.0.0.1';
  const bytes = parseIpv6(host);
  return bytes === null ? host : ipv6Text(bytes, 0).replace(/^::ffff:(?=\d+\.)/, '');
}

function ownAddresses(): ReadonlySet<string> {
  return new Set(Object.values(networkInterfaces()).flatMap((addresses) => addresses?.map(({ address }) => address) ?? []));
}

/** `address:port`, IPv6 in brackets. */
export function endpointText(address: string, port: number): string {
  return `${hostText(address)}:${port}`;
}

function hostText(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

/** A range of ports; a message matches if either of its ports is within it. */
export interface PortRange {
  first: number;
  last: number;
}

/** Reads `5060`, `5060-5090`, or several of them with commas. */
export function parsePortRanges(text: string): PortRange[] {
  return text.split(',').map((part) => {
    const match = /^\s*(\d+)(?:\s*-\s*(\d+))?\s*$/.exec(part);
    const first = match === null ? NaN : Number(match[1]);
    const last = match?.[2] === undefined ? first : Number(match[2]);
    if (!(first >= 1 && last <= 65_535)) throw new UsageError(`invalid port range '${text}': expected 5060 or 5060-5090, from 1 to 65535`);
    if (last < first) throw new UsageError(`invalid port range '${text}': ${last} is before ${first}`);
    return { first, last };
  });
}

export function portsMatch(ranges: readonly PortRange[], source: number, destination: number): boolean {
  for (const range of ranges) {
    if (source >= range.first && source <= range.last) return true;
    if (destination >= range.first && destination <= range.last) return true;
  }
  return false;
}

/** `raw_socket_listen`: an address with an optional port or range, split outside the brackets of an IPv6 address. */
export interface RawListen {
  address: string;
  ports: PortRange[];
}

export function parseRawListen(text: string): RawListen {
  const match = /^(\[[^\]]*\]|[^:]*)(?::(.+))?$/.exec(text.trim());
  const address = match === null ? text.trim() : match[1].replace(/^\[|\]$/g, '');
  if (isIP(address) === 0)
    throw new UsageError(`invalid listen address '${text}': expected 10.0.0.1, 10.0.0.1:5060 or 10.0.0.1:5060-5090, IPv6 in brackets`);
  return { address, ports: match?.[2] === undefined ? [] : parsePortRanges(match[2]) };
}
