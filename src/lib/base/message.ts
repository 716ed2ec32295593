/**
 * The one record that travels from every source to every sink: a captured message.
 * All members always exist, in this order, so that the JavaScript engine uses one hidden class for all of them.
 */
import type { Frame } from './frame.js';
import type { SipFields } from './sip-fields.js';

export * from './identity.js';

/** Payload types (HEP3 chunk 0x000b) that the core itself uses. */
export const PAYLOAD_SIP = 1;
export const PAYLOAD_RTCP = 5;
/** Quality reports of media agents, JSON. */
export const PAYLOAD_RTP_AGENT = 34;
/** Quality reports in the text of RFC 6035. */
export const PAYLOAD_VQ = 35;

/** Address families as HEP writes them (the Linux numbers). */
export const FAMILY_IPV4 = 2;
export const FAMILY_IPV6 = 10;

/** IP protocol numbers; 22 and 50 are HEP's pseudo numbers for TLS and WebSocket. */
export const PROTOCOL_TCP = 6;
export const PROTOCOL_UDP = 17;
export const PROTOCOL_TLS = 22;
export const PROTOCOL_WS = 50;
export const PROTOCOL_SCTP = 132;

/** The HEP packet that carried a message, kept complete so that it can be relayed byte for byte. */
export interface HepEnvelope {
  /** 1, 2 or 3. */
  version: number;
  /** The packet from its first to its last byte, never altered. */
  bytes: Buffer;
  /** Address and port of the node that sent the packet to us; '' and 0 where it came from a file. */
  peerAddress: string;
  peerPort: number;
  /** Our own address and port it arrived at; '' and 0 where it came from a file. */
  localAddress: string;
  localPort: number;
  /** Transport of the envelope itself: 'udp', 'tcp' or 'tls'. */
  transport: 'udp' | 'tcp' | 'tls';
  /** The packet brought the message's identity. */
  isIdentified: boolean;
}

export interface Message {
  /** Microseconds since 1970 UTC. */
  capturedAt: number;
  /** Innermost source address, RFC 5952 text for IPv6; '' where unknown. */
  sourceAddress: string;
  sourcePort: number;
  destinationAddress: string;
  destinationPort: number;
  /** IP protocol number: 17 UDP, 6 TCP, 132 SCTP; as received for HEP (22 TLS, 50 WS). */
  protocol: number;
  /** 2 IPv4, 10 IPv6, 0 unknown. */
  family: number;
  /** 1 is SIP; see the HEP table of payload types. */
  payloadType: number;
  /** The message's own bytes: never copied, never altered. */
  payload: Buffer;
  /** Capture agent id (u32), or -1 where the message carries none (live, file, HEPv1). */
  captureId: number;
  /** Capture agent name (HEP chunk 0x0013), '' where none. */
  captureName: string;
  /** Correlation id (HEP chunk 0x0011), '' where none. */
  correlationId: string;
  /** 802.1Q VLAN id, or -1 where untagged. */
  vlan: number;
  /** Outermost tunnel addresses ('' where there was no tunnel). */
  outerSource: string;
  outerDestination: string;
  /** Number of the frame or record that completed the message in its source, from 1; 0 for sockets. */
  frameNumber: number;
  /** Which of several files it came from (as `Frame.sourceIndex`); 0 elsewhere. */
  sourceIndex: number;
  /** Identity: 64 bits that name the stream, 0n while it has none. */
  stream: bigint;
  /** Number within the stream, a safe integer; 0 while it has no identity. */
  sequence: number;
  /** The HEP packet that carried it, or null. */
  envelope: HepEnvelope | null;
  /** The SIP fields, once requested; null before, and for payloads other than SIP. */
  sip: SipFields | null;
  /** The frames that formed it, in order of arrival; empty unless the pipeline keeps frames. */
  frames: readonly Frame[];
}

export const NO_FRAMES: readonly Frame[] = Object.freeze([]);
