/** One HEP packet as it came off a socket. */
import type { HepEnvelope } from '../../base/index.js';

export interface HepArrival {
  bytes: Buffer;
  from: number;
  to: number;
  /** Microseconds since 1970. */
  receivedAt: number;
  peer: Pick<HepEnvelope, 'peerAddress' | 'peerPort' | 'localAddress' | 'localPort' | 'transport'>;
}

/** What a listener tells of itself. */
export interface ListenerSums {
  name: string;
  packets: number;
  bytes: number;
  problem: string;
}
