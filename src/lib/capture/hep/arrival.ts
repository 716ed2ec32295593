/** One HEP packet as it came off a socket. The listener hands over the same object again and again: whoever keeps one copies its members, never the bytes. */
import type { HepPeer } from '../../hep/index.js';

export interface HepArrival {
  /** The packet is `bytes[from, to)`; the bytes are never written again. */
  bytes: Buffer;
  from: number;
  to: number;
  /** Microseconds since 1970. */
  receivedAt: number;
  peer: HepPeer;
}

/** What a listener tells of itself. */
export interface ListenerSummary {
  name: string;
  packets: number;
  bytes: number;
  problem: string;
}
