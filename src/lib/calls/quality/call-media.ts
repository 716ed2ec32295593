/** What a call's session descriptions and the passing of its sender reports tell of a report's media: codec, clock, round trip. */
import { isFault } from '../../base/index.js';
import { MediaIndex, RoundTrips, SipParser, type MediaCall, type MediaKnowledge } from '../../sip/index.js';

export class CallMedia {
  readonly media = new MediaIndex();
  readonly roundTrips = new RoundTrips();
  private readonly parser = new SipParser();

  /**
   * Learns the media addresses of a SIP message with a body. It reads for itself, as it comes before the message is prepared:
   * in the threads that decode packets, whose next packet may be of these media. Time in microseconds.
   */
  learn(payload: Buffer, capturedAt: number): void {
    // Every session description has a line of media; most messages have none.
    if (!payload.includes('\nm=')) return;
    const sip = this.parser.parse(payload);
    if (!isFault(sip)) this.media.note(sip, payload, capturedAt);
  }

  /** What is known of a report that came at that time, of that call's media. */
  knowledge(call: MediaCall | null, capturedAt: number): MediaKnowledge {
    return {
      clockRate: call?.clockRate ?? 0,
      codec: call?.codec ?? '',
      roundTripMs: (block) => this.roundTrips.milliseconds(block, capturedAt),
    };
  }
}
