/** Connections that another process accepts and passes on, before anything is read of them. */
import type { Socket } from 'node:net';
import type { HepEndpoint } from '../../base/index.js';

export interface AcceptedConnections {
  /** Calls `take` with those of that listener from now on. */
  receive(endpoint: HepEndpoint, take: (socket: Socket) => void): void;
  /** No more of them. */
  end(endpoint: HepEndpoint): void;
}
