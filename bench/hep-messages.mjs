import { AddressTextCache } from '../dist/lib/base/index.js';
import { HepDecoder } from '../dist/lib/hep/index.js';
import { hep3, sipMessages } from './corpus.mjs';

/** SIP from HEP: decoded messages whose SIP is not parsed yet. */
export function hepMessages(count) {
  const peer = { peerAddress: '127.0.0.1', peerPort: 9060, localAddress: '127.0.0.1', localPort: 9060, transport: 'udp' };
  const decoder = new HepDecoder({ addressTexts: new AddressTextCache() });
  return sipMessages(count).map((sip) => {
    const packet = hep3(sip);
    return decoder.decode(packet, 0, packet.length, 1.8e15, peer);
  });
}
