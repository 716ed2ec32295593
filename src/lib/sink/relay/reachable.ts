/** Whether something answers at an endpoint. On UDP nobody can tell without sending, so it is taken to. */
import { connect } from 'node:net';
import type { HepEndpoint } from '../../base/index.js';
import { lookupBy, type FindAddresses } from './addresses.js';

export function isReachable(endpoint: HepEndpoint, timeoutMs: number, findAddresses: FindAddresses): Promise<boolean> {
  if (endpoint.transport === 'udp') return Promise.resolve(true);
  return new Promise((resolve) => {
    const socket = connect({ host: endpoint.host, port: endpoint.port, timeout: timeoutMs, lookup: lookupBy(findAddresses) });
    const answer = (reachable: boolean) => {
      socket.destroy();
      resolve(reachable);
    };
    socket.once('connect', () => answer(true));
    socket.once('timeout', () => answer(false));
    socket.on('error', () => answer(false));
  });
}
