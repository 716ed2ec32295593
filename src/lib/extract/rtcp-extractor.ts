/**
 * RTCP from the wire: finds the call of each compound by the media addresses in SDP, and converts it to a report (payload
 * type 5) in the JSON that Homer's tools read. RTCP of no known call has an empty correlation id.
 */
import { Counters, FAMILY_IPV4, NO_FRAMES, PAYLOAD_RTCP, type Frame, type Message, type SipFields } from '../base/index.js';
import type { Packet } from '../decode/index.js';
import { decodeRtcp, encryptedJson, homerJson, looksEncrypted, looksLikeRtcp, type MediaCall } from '../sip/index.js';
import { CallMedia } from '../calls/quality/call-media.js';
import { packetMessage } from './packet-message.js';

const MIN_BYTES = 8;

export class RtcpWatch {
  private unclear = 0;
  private broken = 0;
  private encrypted = 0;

  /** `known` is shared with the tracker of the media themselves. */
  constructor(private readonly known = new CallMedia()) {}

  /** Datagrams that only begin like RTCP, of no known call; compounds with a malformed packet; SRTCP; endpoints evicted. */
  counters(): Counters {
    const counters = new Counters();
    const counts: Record<string, number> = {
      rtcp_with_wrong_lengths: this.unclear,
      rtcp_broken: this.broken,
      rtcp_encrypted: this.encrypted,
      media_forgotten: this.known.media.forgotten,
    };
    for (const [name, count] of Object.entries(counts)) if (count > 0) counters.add(name, count);
    return counters;
  }

  /** Learns the media addresses of a SIP message with a body. */
  learn(sip: SipFields, payload: Buffer, capturedAt: number): void {
    this.known.learn(sip, payload, capturedAt);
  }

  /** The datagram as a report; null if it is not RTCP. */
  read(packet: Packet, frames: readonly Frame[] = NO_FRAMES): Message | null {
    const { bytes, from, to, capturedAt } = packet;
    const isWhole = looksLikeRtcp(bytes, from, to);
    if (!isWhole && !beginsLikeRtcp(bytes, from, to)) return null;
    const source = packet.sourceAddress();
    const destination = packet.destinationAddress();
    const call = this.known.media.find(source, packet.sourcePort, destination, packet.destinationPort, capturedAt);
    // With wrong lengths it is accepted only on the media addresses of a call.
    if (!isWhole && call === null) {
      this.unclear++;
      return null;
    }
    const isEncrypted = !isWhole && (call?.encrypted === true || looksEncrypted(bytes, from, to));
    const json = isEncrypted ? this.unreadable(bytes, from) : this.readable(packet, call);
    if (json === null) return null;
    const report = packetMessage(packet, PAYLOAD_RTCP, Buffer.from(JSON.stringify(json)), frames);
    report.correlationId = call?.callId ?? '';
    if (report.family === 0) report.family = FAMILY_IPV4;
    return report;
  }

  private readable({ bytes, from, to, capturedAt }: Packet, call: MediaCall | null) {
    const compound = decodeRtcp(bytes, from, to);
    if (compound.fault !== null) this.broken++;
    this.known.roundTrips.note(compound, capturedAt);
    return homerJson(compound, this.known.knowledge(call, capturedAt));
  }

  private unreadable(bytes: Buffer, from: number) {
    this.encrypted++;
    return encryptedJson(bytes, from);
  }
}

/** Version 2 and a packet type that RTP does not use (RFC 5761 section 4). */
function beginsLikeRtcp(bytes: Buffer, from: number, to: number): boolean {
  return to - from >= MIN_BYTES && bytes[from] >> 6 === 2 && bytes[from + 1] >= 200 && bytes[from + 1] <= 207;
}
