/**
 * RTCP from the wire: finds the call of each compound by what SDP said of its media, and makes it a report (payload type
 * 5) in the JSON that Homer's tools read. What belongs to no known call keeps an empty correlation id.
 */
import { FAMILY_IPV4, NO_FRAMES, PAYLOAD_RTCP, isFault, type Frame, type Message } from '../../base/index.js';
import type { Packet } from '../../decode/index.js';
import { MediaBook, RoundTripBook, SipParser, decodeRtcp, homerJson, looksLikeRtcp, readVqReport } from '../../sip/index.js';

const LEAST_BYTES = 8;
/** Chunk 0x000b of reports in the text of RFC 6035. */
const PAYLOAD_VQ = 35;

export class RtcpWatch {
  private readonly media = new MediaBook();
  private readonly roundTrips = new RoundTripBook();
  private readonly parser = new SipParser();
  /** Endpoints that were forgotten for want of room. */
  get forgotten(): number {
    return this.media.forgotten;
  }

  /** Learns the media addresses of a SIP message with a body. */
  learn(payload: Buffer, capturedAt: number): void {
    // Every session description has a line of media; most messages have none.
    if (!payload.includes('\nm=')) return;
    const sip = this.parser.parse(payload);
    if (!isFault(sip)) this.media.note(sip, payload, capturedAt);
  }

  /** The quality report in the body of a PUBLISH (RFC 6035) as a report of its own, under the call it speaks of; null where there is none. */
  published(message: Message): Message | null {
    const { payload } = message;
    if (payload[0] !== 0x50 || !payload.includes('vq-rtcpxr')) return null;
    const sip = this.parser.parse(payload);
    if (isFault(sip) || !/^application\/vq-rtcpxr/i.test(sip.contentType)) return null;
    const body = payload.subarray(sip.bodyAt);
    const report = readVqReport(body.toString('utf8'));
    if (report === null) return null;
    return { ...message, payloadType: PAYLOAD_VQ, payload: body, correlationId: report.callId, sip: null };
  }

  /** The datagram as a report; null where it is no RTCP. */
  read(packet: Packet, frames: readonly Frame[] = NO_FRAMES): Message | null {
    const { bytes, from, to, capturedAt } = packet;
    const isWhole = looksLikeRtcp(bytes, from, to);
    if (!isWhole && !beginsLikeRtcp(bytes, from, to)) return null;
    const source = packet.sourceAddress();
    const destination = packet.destinationAddress();
    const call = this.media.find(source, packet.sourcePort, destination, packet.destinationPort, capturedAt);
    // With lengths that do not add up it is only believed where a call has its media.
    if (!isWhole && call === null) return null;
    const compound = decodeRtcp(bytes, from, to);
    this.roundTrips.note(compound, capturedAt);
    const json = homerJson(compound, { clockRate: call?.clockRate ?? 0, codec: call?.codec ?? '', roundTripMs: (block) => this.roundTrips.milliseconds(block, capturedAt) });
    if (json === null) return null;
    return {
      capturedAt, sourceAddress: source, sourcePort: packet.sourcePort, destinationAddress: destination, destinationPort: packet.destinationPort,
      protocol: packet.protocol, family: packet.family === 0 ? FAMILY_IPV4 : packet.family, payloadType: PAYLOAD_RTCP, payload: Buffer.from(JSON.stringify(json)),
      captureId: -1, captureName: '', correlationId: call?.callId ?? '', vlan: packet.vlan, outerSource: packet.outerSource(), outerDestination: packet.outerDestination(),
      frameNumber: packet.frame.number, envelope: null, sip: null, frames,
    };
  }
}

/** Version 2 and a packet type that RTP leaves free (RFC 5761 section 4). */
function beginsLikeRtcp(bytes: Buffer, from: number, to: number): boolean {
  return to - from >= LEAST_BYTES && bytes[from] >> 6 === 2 && bytes[from + 1] >= 200 && bytes[from + 1] <= 207;
}
