/** A message received by HEP, without frames of its own. */
import { FAMILY_IPV4, NO_FRAMES, PAYLOAD_SIP, PROTOCOL_UDP, type Message } from '../../src/lib/base/index.js';

export function hepMessage(members: Partial<Message> = {}): Message {
  return {
    capturedAt: 1_700_000_000_123_456,
    sourceAddress: '127.0.0.1',
    sourcePort: 5060,
    destinationAddress: '127.0.0.2',
    destinationPort: 5080,
    protocol: PROTOCOL_UDP,
    family: FAMILY_IPV4,
    payloadType: PAYLOAD_SIP,
    payload: options('a'),
    captureId: 1,
    captureName: '',
    correlationId: '',
    vlan: -1,
    outerSource: '',
    outerDestination: '',
    frameNumber: 0,
    sourceIndex: 0,
    stream: 0n,
    sequence: 0,
    envelope: null,
    sip: null,
    frames: NO_FRAMES,
    ...members,
  };
}

/** A whole SIP request, with a body of the given length. */
export function options(callId: string, bodyBytes = 0): Buffer {
  return Buffer.from(
    [
      'OPTIONS sip:b@127.0.0.2 SIP/2.0',
      'Via: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK1',
      'From: <sip:a@127.0.0.1>;tag=1',
      'To: <sip:b@127.0.0.2>',
      `Call-ID: ${callId}`,
      'CSeq: 1 OPTIONS',
      'Max-Forwards: 70',
      'Content-Type: text/plain',
      `Content-Length: ${bodyBytes}`,
      '',
      'b'.repeat(bodyBytes),
    ].join('\r\n'),
  );
}
