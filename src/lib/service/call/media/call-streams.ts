/** The RTP streams of a call and its legs, and those that no description announces. */
import type { CallSummary } from '../../../calls/index.js';
import { MediaWatch } from '../../../extract/media-watch.js';
import { relateStreams, type FaxReport, type StreamReport } from '../../../media/index.js';

export interface MediaOptions {
  /** Follow RTP. */
  media: boolean;
  /** Streams that no description announces as well. */
  rtpGuess: boolean;
}

/** The RTP tracker of an input; null if not requested. */
export function mediaWatch({ media, rtpGuess }: MediaOptions): MediaWatch | null {
  return media || rtpGuess ? new MediaWatch({ guess: rtpGuess }) : null;
}

/** In order of their start. */
export function streamsOfCalls(media: MediaWatch | null, calls: readonly CallSummary[]): StreamReport[] {
  if (media === null) return [];
  const callIds = new Set(calls.map(({ callId }) => callId));
  return relateStreams(
    [...callIds].flatMap((callId) => media.reportsOf(callId)),
    Math.max(0, ...calls.map(answeredAt)),
  );
}

export function faxesOfCalls(media: MediaWatch | null, calls: readonly CallSummary[]): FaxReport[] {
  const callIds = new Set(calls.map(({ callId }) => callId));
  return media === null ? [] : [...callIds].flatMap((callId) => media.faxesOf(callId)).sort((a, b) => a.startedAt - b.startedAt);
}

/** Streams of no known call. */
export function guessedStreams(media: MediaWatch | null): StreamReport[] {
  const streams = media?.reports().filter(({ callId }) => callId === '') ?? [];
  return relateStreams(streams, 0);
}

/** Microseconds since 1970; 0 if it was not answered, or that was not captured. */
export function answeredAt({ kind, status, startedAt, setupMs }: CallSummary): number {
  return kind === 'call' && status >= 200 && status < 300 && setupMs !== null ? startedAt + setupMs * 1000 : 0;
}
