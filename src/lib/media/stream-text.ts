/** A stream as a line of text with its anomalies below, and as JSON. */
import { printable } from '../base/index.js';
import type { Zone } from '../base/time/index.js';
import type { FaxReport } from './fax-table.js';
import type { StreamNote, StreamReport } from './stream-report.js';

const WORDS: Readonly<Record<StreamNote, string>> = {
  'codec-unknown': 'no MOS: no E-model values for this codec',
  'not-audio': 'no MOS: not audio',
  estimate: 'MOS from estimated codec values',
  short: 'too short to rate',
  guess: 'not announced by any session description: a guess',
  'clock-estimated': 'clock rate estimated from timestamps',
  'seen-twice': 'every packet was captured twice',
  'sequence-jumps': 'sequence numbers jump: loss is unreliable',
  outage: 'a long gap counts as loss: the sender (fax, hold) or the capture may have paused',
  relayed: 'relayed by TURN',
  'ssrc-change': 'SSRC changed',
  'ssrc-collision': 'two senders with one SSRC',
  'one-way': 'one-way: no packets in the other direction',
};

export function noteText(note: StreamNote): string {
  return WORDS[note];
}

/** `since` is the beginning of the call, to which its times are relative. */
export function streamLines(report: StreamReport, since: number, zone: Zone): string[] {
  const { source, destination, packets, lossPercent, jitterMs, maxJitterMs, maxDeltaMs, mos, rFactor } = report;
  const clock = (at: number) => zone.text(at).slice(11, 23);
  const seconds = (at: number) => `${((at - since) / 1e6).toFixed(1)} s`;
  const parts = [
    `${report.codecs.length > 1 ? report.codecs.join('>') : report.codec || 'unknown codec'}${report.encrypted ? ' (SRTP)' : ''}`,
    `${packets} packets`,
    `${report.lost === 0 ? 'no loss' : `${report.lost} lost (${lossPercent.toFixed(2)} %, at most ${report.longestLoss} in a row)`}`,
    ...(jitterMs === null ? [] : [`jitter ${jitterMs.toFixed(1)} ms, max ${maxJitterMs!.toFixed(1)}`]),
    `max delta ${maxDeltaMs.toFixed(1)} ms`,
    ...(mos === null ? [] : [`R ${rFactor!.toFixed(1)}, MOS ${mos.toFixed(2)}`]),
  ];
  const more = [
    `${seconds(report.startedAt)} to ${seconds(report.endedAt)} into the call`,
    ...(report.late > 0 ? [`${report.late} out of order`] : []),
    ...(report.duplicates > 0 ? [`${report.duplicates} duplicates`] : []),
    ...(report.digits !== ''
      ? [`DTMF ${report.digits}`]
      : report.events > 0
        ? [`${report.events} telephone ${report.events === 1 ? 'event' : 'events'}`]
        : []),
    ...(report.comfortNoise > 0 ? [`${report.comfortNoise} comfort noise packets`] : []),
    ...(report.silences > 0
      ? [`${report.silences} sender ${report.silences === 1 ? 'pause' : 'pauses'}, ${(report.silenceMs / 1000).toFixed(1)} s`]
      : []),
    ...(report.lost > 0 ? worstText(report, clock) : []),
    ...report.notes.map((note) => (note === 'relayed' && report.peer !== '' ? `${WORDS[note]}, peer ${report.peer}` : WORDS[note])),
  ];
  return [
    `RTP ${printable(source)} -> ${printable(destination)} ${ssrcText(report.ssrc)}: ${printable(parts.join(', '))}`,
    `    ${more.map(printable).join('; ')}`,
  ];
}

/** When it was worst. */
function worstText({ moments }: StreamReport, clock: (at: number) => string): string[] {
  const worst = moments.reduce((a, b) => (b.lossPercent > a.lossPercent ? b : a), moments[0]);
  return worst === undefined || worst.lost === 0 ? [] : [`worst from ${clock(worst.from)}: ${worst.lossPercent.toFixed(1)} % lost`];
}

function ssrcText(ssrc: number): string {
  return `0x${ssrc.toString(16).padStart(8, '0')}`;
}

export function faxLine({ source, destination, packets, lost, recovered, startedAt, endedAt }: FaxReport, since: number): string {
  const seconds = (at: number) => `${((at - since) / 1e6).toFixed(1)} s`;
  const repeated = recovered === 0 ? '' : `, ${recovered} of them repeated in later ones`;
  const loss = lost === 0 ? 'no loss' : `${lost} lost${repeated}`;
  return `T.38 ${printable(`${source} -> ${destination}`)}: ${packets} packets, ${loss}, ${seconds(startedAt)} to ${seconds(endedAt)} into the call`;
}

export function faxJson(report: FaxReport): Record<string, unknown> {
  const { callId, source, destination, startedAt, endedAt, packets, lost, recovered } = report;
  return { callid: callId, source, destination, start_micro_ts: startedAt, end_micro_ts: endedAt, packets, lost, recovered };
}

export function streamJson(report: StreamReport): Record<string, unknown> {
  return {
    callid: report.callId,
    media: report.mediaIndex,
    kind: report.kind,
    source_ip: report.sourceAddress,
    source_port: report.sourcePort,
    destination_ip: report.destinationAddress,
    destination_port: report.destinationPort,
    ssrc: report.ssrc,
    relay_peer: report.peer === '' ? null : report.peer,
    codec: report.codec,
    codecs: report.codecs,
    payload_type: report.payloadType,
    clock_rate: report.clockRate,
    encrypted: report.encrypted,
    start_micro_ts: report.startedAt,
    end_micro_ts: report.endedAt,
    packets: report.packets,
    expected: report.expected,
    lost: report.lost,
    loss_percent: report.lossPercent,
    loss_runs: report.lossRuns,
    longest_loss: report.longestLoss,
    out_of_order: report.late,
    duplicates: report.duplicates,
    strays: report.strays,
    sequence_restarts: report.restarts,
    jitter_ms: report.jitterMs,
    max_jitter_ms: report.maxJitterMs,
    max_jitter_micro_ts: report.maxJitterAt === 0 ? null : report.maxJitterAt,
    max_delta_ms: report.maxDeltaMs,
    max_delta_micro_ts: report.maxDeltaAt === 0 ? null : report.maxDeltaAt,
    silences: report.silences,
    silence_ms: report.silenceMs,
    comfort_noise: report.comfortNoise,
    events: report.events,
    digits: report.digits,
    r_factor: report.rFactor,
    mos: report.mos,
    notes: report.notes,
    moments: report.moments.map(({ from, packets, lost, lossPercent, jitterMs, mos }) => ({
      micro_ts: from,
      packets,
      lost,
      loss_percent: lossPercent,
      jitter_ms: jitterMs,
      mos,
    })),
  };
}
