/** What session descriptions and sender reports of a call reveal about a report's media: codec, clock, round trip. */
import type { SipFields } from '../../base/index.js';
import { MediaIndex, RoundTrips, type MediaCall, type MediaKnowledge } from '../../sip/index.js';

export class CallMedia {
  readonly media = new MediaIndex();
  readonly roundTrips = new RoundTrips();

  /** Learns the media addresses of a SIP message's session description, if it has one. Time in microseconds. */
  learn(sip: SipFields, payload: Buffer, capturedAt: number): void {
    this.media.note(sip, payload, capturedAt);
  }

  /** What is known about a report received at that time, for that call's media. */
  knowledge(call: MediaCall | null, capturedAt: number): MediaKnowledge {
    return {
      clockRate: call?.clockRate ?? 0,
      codec: call?.codec ?? '',
      roundTripMs: (block) => this.roundTrips.milliseconds(block, capturedAt),
    };
  }
}
