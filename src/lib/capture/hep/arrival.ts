/** One HEP packet as received from a socket. The listener reuses the object: to keep it, copy its members, never the bytes. */
import type { HepPeer } from '../../hep/index.js';

export interface HepArrival {
  /** The packet is `bytes[from, to)`; the bytes are never overwritten. */
  bytes: Buffer;
  from: number;
  to: number;
  /** Microseconds since 1970. */
  receivedAt: number;
  peer: HepPeer;
  /** Of a packet in a file: its identity where it brings none; absent or NO_STREAM: it is numbered. */
  stream?: bigint;
  sequence?: number;
}

/** What a listener reports about itself. */
export interface ListenerSummary {
  name: string;
  packets: number;
  bytes: number;
  problem: string;
}
