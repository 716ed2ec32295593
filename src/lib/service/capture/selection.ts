/** What is captured, independent of the source. */
import type { PortRange, RawListen } from '../../base/index.js';
import { MediaWatch } from '../../extract/media-watch.js';
import type { RunOptions } from '../../pipeline/options.js';
import type { FrameSelection } from '../../pipeline/source.js';
import type { FilterOptions } from '../../script/filter/index.js';

export interface CaptureOptions extends RunOptions {
  ports: readonly PortRange[];
  parseHep: boolean;
  /** Selects messages. */
  select: FilterOptions;
  /** Read RTCP too. */
  rtcp: boolean;
  /** Follow RTP, and report each stream. */
  rtp: boolean;
  /** `-w` gets every frame, not only those of messages. */
  keepAll: boolean;
  /** The only accepted IP-in-IP tunnel endpoint, or null. */
  tunnel: RawListen | null;
}

export function selectionOf(options: CaptureOptions, { workers, isLive }: Pick<FrameSelection, 'workers' | 'isLive'>): FrameSelection {
  const { ports, parseHep, rtcp, rtp, tunnel, keepAll, sinks, route } = options;
  const media = rtp ? new MediaWatch({ guess: false, reports: true }) : null;
  // HEP output includes the MAC addresses and TCP flags of the frames; a script may send HEP too.
  const keepFrames = (sinks.write !== undefined && !keepAll) || sinks.hep.targets.length > 0 || route !== null;
  return { ports, parseHep, rtcp, tunnelTo: tunnel?.address ?? null, keepFrames, workers, isLive, media };
}
