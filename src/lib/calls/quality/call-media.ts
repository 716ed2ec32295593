/** What session descriptions and sender reports of a call reveal about a report's media: codec, clock, round trip. */
import { isFault } from '../../base/index.js';
import { MediaIndex, RoundTrips, SipParser, type MediaCall, type MediaKnowledge } from '../../sip/index.js';

export class CallMedia {
  readonly media = new MediaIndex();
  readonly roundTrips = new RoundTrips();
  private readonly parser = new SipParser();

  /**
   * Learns the media addresses of a SIP message with a body. It parses the message itself, because this runs before it is prepared:
   * in the threads that decode packets, whose next packet may be of these media. Time in microseconds.
   */
  learn(payload: Buffer, capturedAt: number): void {
    // Every session description has a line of media; most messages have none.
    if (!payload.includes('\nm=')) return;
    const sip = this.parser.parse(payload);
    if (!isFault(sip)) this.media.note(sip, payload, capturedAt);
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
