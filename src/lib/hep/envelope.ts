/** The HEP packet around a message, kept for relaying it byte for byte. */
import type { HepEnvelope } from '../base/index.js';

/** Where a packet came from; kept in the message's envelope. */
export type HepPeer = Pick<HepEnvelope, 'peerAddress' | 'peerPort' | 'localAddress' | 'localPort' | 'transport'>;

export function envelope(version: number, bytes: Buffer, peer: HepPeer, isIdentified: boolean): HepEnvelope {
  return {
    version,
    bytes,
    peerAddress: peer.peerAddress,
    peerPort: peer.peerPort,
    localAddress: peer.localAddress,
    localPort: peer.localPort,
    transport: peer.transport,
    isIdentified,
  };
}
