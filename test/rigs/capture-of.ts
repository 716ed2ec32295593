/** Messages as a capture file: one UDP datagram each, in time order. */
import { pcap } from './capture-files.js';
import { ETHER_IPV4, ethernet, udpPacket } from './frames.js';

interface Sent {
  payload: Buffer;
  capturedAt: number;
  sourceAddress: string;
  destinationAddress: string;
}

export function captureOf(messages: readonly Sent[]): Buffer {
  const records = [...messages]
    .sort((a, b) => a.capturedAt - b.capturedAt)
    .map(({ payload, capturedAt, sourceAddress: source, destinationAddress: destination }) => ({
      seconds: Math.floor(capturedAt / 1e6),
      fraction: capturedAt % 1e6,
      bytes: ethernet(ETHER_IPV4, udpPacket({ source, destination, sourcePort: 5060, destinationPort: 5060 }, payload)),
    }));
  return pcap({ records });
}
