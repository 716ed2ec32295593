/** A message that a decoded packet carries, with the packet's endpoints, time and place. */
import { NO_SEQUENCE, type Frame, type Message } from '../base/index.js';
import type { Packet } from '../decode/index.js';

export function packetMessage(packet: Packet, payloadType: number, payload: Buffer, frames: readonly Frame[]): Message {
  return {
    capturedAt: packet.capturedAt,
    sourceAddress: packet.sourceAddress(),
    sourcePort: packet.sourcePort,
    destinationAddress: packet.destinationAddress(),
    destinationPort: packet.destinationPort,
    protocol: packet.protocol,
    family: packet.family,
    payloadType,
    payload,
    captureId: -1,
    captureName: '',
    correlationId: '',
    vlan: packet.vlan,
    outerSource: packet.outerSource(),
    outerDestination: packet.outerDestination(),
    frameNumber: packet.frame.number,
    sourceIndex: packet.frame.sourceIndex,
    stream: 0n,
    sequence: NO_SEQUENCE,
    envelope: null,
    sip: null,
    frames,
  };
}
