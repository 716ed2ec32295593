/** A TCP or TLS socket on its way to a target. */
import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { lookupBy } from './addresses.js';
import type { LinkOptions } from './link.js';

const KEEP_ALIVE_AFTER_MS = 10_000;

export function openSocket({ endpoint, findAddresses, tls }: LinkOptions): Socket {
  const { host, port, transport } = endpoint;
  const common = {
    host,
    port,
    noDelay: true,
    allowHalfOpen: true, // a target that has closed its side may still be reading
    keepAlive: true,
    keepAliveInitialDelay: KEEP_ALIVE_AFTER_MS,
    lookup: lookupBy(findAddresses),
  };
  const named = isIP(host) === 0 ? { servername: host } : {};
  return transport === 'tls' ? connectTls({ ...common, ...named, ...tls }) : connect(common);
}
