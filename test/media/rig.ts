/** Frames through an extractor that tracks the media. */
import { Ledger, type Frame, type Message } from '../../src/lib/base/index.js';
import { FrameExtractor } from '../../src/lib/extract/frame-extractor.js';
import { MediaWatch, type MediaWatchOptions } from '../../src/lib/extract/media-watch.js';
import { RtcpWatch } from '../../src/lib/extract/rtcp-extractor.js';
import { relateStreams, type StreamReport } from '../../src/lib/media/index.js';
import { START, inTime } from '../rigs/rtp.js';

export interface Followed {
  streams: StreamReport[];
  /** The first of them. */
  stream: StreamReport;
  ledger: Ledger;
  /** What came out, SIP and reports. */
  messages: Message[];
  watch: MediaWatch;
}

/** In the order of their times. The call was answered at 0.5 s. */
export function follow(frames: readonly Frame[], options: Partial<MediaWatchOptions> = {}, answeredAt = START + 500_000): Followed {
  const ledger = new Ledger();
  const messages: Message[] = [];
  const watch = new MediaWatch({ guess: false, ...options });
  const extractor = new FrameExtractor(
    { ports: [], keepFrames: false, parseHep: false, rtcp: new RtcpWatch(watch.known), media: watch },
    ledger,
    () => '',
    (message) => messages.push(message) > 0,
  );
  for (const frame of inTime(frames)) extractor.frame(frame);
  extractor.finish();
  const streams = relateStreams(watch.reports(), answeredAt);
  return { streams, stream: streams[0], ledger, messages, watch };
}
