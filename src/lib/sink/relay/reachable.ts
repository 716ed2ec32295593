/** Whether something listens at an endpoint. Over UDP that cannot be known without sending, so the answer is yes. */
import { connect } from 'node:net';
import type { HepEndpoint } from '../../base/index.js';
import { lookupBy, type FindAddresses } from './addresses.js';

export function isReachable(endpoint: HepEndpoint, timeoutMs: number, findAddresses: FindAddresses): Promise<boolean> {
  if (endpoint.transport === 'udp') return Promise.resolve(true);
  return new Promise((resolve) => {
    const socket = connect({ host: endpoint.host, port: endpoint.port, timeout: timeoutMs, lookup: lookupBy(findAddresses) });
    const finish = (reachable: boolean) => {
      socket.destroy();
      resolve(reachable);
    };
    socket.once('connect', () => finish(true));
    socket.once('timeout', () => finish(false));
    socket.on('error', () => finish(false));
  });
}
