/** The report of a stream: its statistics, an estimate of its quality, and reasons not to trust them. */
import { endpointText } from '../base/index.js';
import { impairmentOf, qualityOfLoss, round, type SdpDirection } from '../sip/index.js';
import type { Moment } from './moments.js';
import type { RtpStream } from './rtp-stream.js';

/** Why a value is missing, or is less reliable than it looks. */
export type StreamNote =
  /** The codec is not in the table of the E-model, or is unknown: no MOS. */
  | 'codec-unknown'
  /** Not audio: no MOS. */
  | 'not-audio'
  /** The values of the codec are an estimate. */
  | 'estimate'
  /** Fewer than 50 packets, or less than a second. */
  | 'short'
  /** No description announces it: it only looks like RTP. */
  | 'guess'
  /** The clock was estimated from its timestamps. */
  | 'clock-estimated'
  /** Nearly every packet arrived twice: a mirror port duplicates it. */
  | 'seen-twice'
  /** The sequence numbers restarted, or single ones were far from the others. */
  | 'sequence-jumps'
  /** So many in a row are missing that the sender or the capture may have paused: loss and MOS may not reflect the network. */
  | 'outage'
  /** A TURN server relays it. */
  | 'relayed'
  /** Another stream between the same addresses before it. */
  | 'ssrc-change'
  /** Two senders use one SSRC. */
  | 'ssrc-collision'
  /** No packets in the other direction. */
  | 'one-way';

export interface StreamReport {
  /** '' if found by heuristic. */
  callId: string;
  /** Of the m= lines, from 0. */
  mediaIndex: number;
  /** audio, video; '' if found by heuristic. */
  kind: string;
  /** As the call's newest description has it. */
  direction: SdpDirection;
  source: string;
  destination: string;
  sourceAddress: string;
  sourcePort: number;
  destinationAddress: string;
  destinationPort: number;
  ssrc: number;
  /** Behind a TURN server that relays it, address and port; '' where none does, or the peer is not known. */
  peer: string;
  /** The last one; all of them, if it changed. */
  codec: string;
  codecs: readonly string[];
  payloadType: number;
  clockRate: number;
  encrypted: boolean;
  /** Microseconds since 1970. */
  startedAt: number;
  endedAt: number;
  packets: number;
  /** As RTCP has it. */
  highestSequence: number;
  expected: number;
  lost: number;
  lossPercent: number;
  /** Runs of losses, the longest, and their mean length. */
  lossRuns: number;
  longestLoss: number;
  late: number;
  duplicates: number;
  strays: number;
  restarts: number;
  /** Milliseconds; null where the clock is unknown. */
  jitterMs: number | null;
  maxJitterMs: number | null;
  maxJitterAt: number;
  maxDeltaMs: number;
  maxDeltaAt: number;
  silences: number;
  silenceMs: number;
  comfortNoise: number;
  events: number;
  digits: string;
  rFactor: number | null;
  mos: number | null;
  notes: StreamNote[];
  moments: ReportMoment[];
}

export interface ReportMoment extends Moment {
  lossPercent: number;
  mos: number | null;
}

const MIN_PACKETS = 50;
const MIN_MICROSECONDS = 1e6;
/** Two seconds of the usual packets. */
const OUTAGE_PACKETS = 100;

export function streamReport(stream: RtpStream, moments: readonly Moment[]): StreamReport {
  const { sequence, jitter, media, codec } = stream;
  const { expected, lost, runs, longestRun } = sequence.losses();
  const lossPercent = expected === 0 ? 0 : (lost * 100) / expected;
  const mean = stream.clockRate > 0 ? jitter.mean : null;
  const isAudio = media === null || media.kind === 'audio' || media.kind === '';
  const impairment = isAudio ? impairmentOf(codec) : null;
  const isShort = sequence.received < MIN_PACKETS || stream.lastAt - stream.startedAt < MIN_MICROSECONDS;
  // Length of loss runs relative to random losses (G.107 section 7.5, BurstR).
  const burstRatio = runs === 0 ? 1 : (lost / runs) * (1 - lossPercent / 100);
  const quality = impairment === null || isShort ? null : qualityOfLoss(lossPercent, mean, null, codec, burstRatio);
  const report: StreamReport = {
    callId: media?.callId ?? '',
    mediaIndex: media?.index ?? 0,
    kind: media?.kind ?? '',
    direction: media?.direction ?? 'sendrecv',
    source: endpointText(stream.sourceAddress, stream.sourcePort),
    destination: endpointText(stream.destinationAddress, stream.destinationPort),
    sourceAddress: stream.sourceAddress,
    sourcePort: stream.sourcePort,
    destinationAddress: stream.destinationAddress,
    destinationPort: stream.destinationPort,
    ssrc: stream.ssrc >>> 0,
    peer: stream.peer === null || stream.peer.address === '' ? '' : endpointText(stream.peer.address, stream.peer.port),
    codec,
    codecs: stream.codecs ?? (codec === '' ? [] : [codec]),
    payloadType: stream.payloadType,
    clockRate: stream.clockRate,
    encrypted: media?.encrypted ?? false,
    startedAt: stream.startedAt,
    endedAt: stream.lastAt,
    packets: sequence.received,
    highestSequence: sequence.highestNumber,
    expected,
    lost,
    lossPercent: round(lossPercent, 3),
    lossRuns: runs,
    longestLoss: longestRun,
    late: sequence.late,
    duplicates: sequence.duplicates,
    strays: sequence.strays,
    restarts: sequence.restarts,
    jitterMs: mean === null ? null : round(mean, 3),
    maxJitterMs: mean === null ? null : round(jitter.highest, 3),
    maxJitterAt: jitter.highestAt,
    maxDeltaMs: round(stream.maxDelta, 3),
    maxDeltaAt: stream.maxDeltaAt,
    silences: stream.silences,
    silenceMs: round(stream.silenceMs, 3),
    comfortNoise: stream.comfortNoise,
    events: stream.events?.count ?? 0,
    digits: stream.events?.digits ?? '',
    rFactor: quality?.rFactor ?? null,
    mos: quality?.mos ?? null,
    notes: [],
    moments: moments.map((moment) => reportMoment(moment, impairment === null ? '' : codec)),
  };
  if (!isAudio) report.notes.push('not-audio');
  else if (impairment === null) report.notes.push('codec-unknown');
  else if (impairment.isEstimate) report.notes.push('estimate');
  if (isShort) report.notes.push('short');
  if (media === null) report.notes.push('guess');
  if (stream.peer !== null) report.notes.push('relayed');
  if (stream.isClockEstimated) report.notes.push('clock-estimated');
  if (report.duplicates > report.packets * 0.8) report.notes.push('seen-twice');
  if (report.longestLoss >= OUTAGE_PACKETS) report.notes.push('outage');
  if (report.restarts + report.strays > 0) report.notes.push('sequence-jumps');
  return report;
}

/** Quality of a bucket: its losses count as random ones. */
function reportMoment(moment: Moment, codec: string): ReportMoment {
  const { packets, lost, jitterMs } = moment;
  const expected = packets + lost;
  const lossPercent = expected === 0 ? 0 : (lost * 100) / expected;
  return {
    ...moment,
    lossPercent: round(lossPercent, 3),
    mos: codec === '' || expected === 0 ? null : qualityOfLoss(lossPercent, jitterMs, null, codec).mos,
  };
}
