/**
 * An estimate of call quality by the E-model of ITU-T G.107: R = 93.2 - Idd - Ie,eff. Assumptions: narrowband, all other
 * values at their defaults, no echo; random losses (BurstR 1) unless their bursts are known; the one-way delay is half the round trip, one packet of
 * 20 ms, and a jitter buffer of twice the jitter; a codec that is not in the table counts as G.711 with loss concealment.
 * An unknown round trip adds nothing.
 */
import type { ReportBlock } from './packets.js';

/** Ro - Is of G.107 with every parameter at its default. */
const BASE = 93.2;
const PACKET_MS = 20;
/** Beyond it a conversation is impossible, and G.107 is not valid. */
const LONGEST_DELAY_MS = 2000;

export interface Impairment {
  /** Ie. */
  equipment: number;
  /** Bpl. */
  robustness: number;
  /** No value of the codec is published for this narrowband scale, or none of its rate and concealment: ours is a guess. */
  isEstimate: boolean;
}

const published = (equipment: number, robustness: number): Impairment => ({ equipment, robustness, isEstimate: false });
const estimate = (equipment: number, robustness: number): Impairment => ({ equipment, robustness, isEstimate: true });

const G711 = published(0, 25.1);
/**
 * By the names of SDP (RFC 3551). Published: G.113 (2007) Table I.1 (Ie) and Appendix I (Bpl of random loss; G.711 with
 * concealment). Where it has no Bpl, that of a comparable codec is taken, as an estimate. Wideband codecs are better than
 * this scale can show: 0 is its best.
 */
const IMPAIRMENTS: Readonly<Record<string, Impairment>> = {
  PCMU: G711,
  PCMA: G711,
  G729: published(11, 19),
  G723: published(15, 16.1),
  'GSM-EFR': published(5, 10),
  GSM: estimate(20, 10),
  G728: estimate(7, 10),
  'G726-16': estimate(50, 10),
  'G726-24': estimate(25, 10),
  'G726-32': estimate(7, 10),
  'G726-40': estimate(2, 10),
  ILBC: estimate(11, 32),
  SPEEX: estimate(11, 19),
  G722: estimate(0, 10),
  AMR: estimate(5, 10),
  'AMR-WB': estimate(0, 10),
  EVS: estimate(0, 20),
  OPUS: estimate(0, 20),
};

/** Null for a codec that is not in the table. */
export function impairmentOf(codec: string): Impairment | null {
  return Object.hasOwn(IMPAIRMENTS, codec.toUpperCase()) ? IMPAIRMENTS[codec.toUpperCase()] : null;
}

export interface Quality {
  rFactor: number;
  /** Conversational, 1 to 4.5. */
  mos: number;
}

/** R from loss (percent), one-way delay and codec. `burstRatio`: how much longer runs of losses are than random ones, 1 for random. */
export function rFactor(lossPercent: number, oneWayDelayMs: number, codec: string, burstRatio = 1): number {
  const { equipment, robustness } = impairmentOf(codec) ?? G711;
  // G.107 section 7.5: Ie,eff.
  const effective = equipment + (95 - equipment) * (lossPercent / (lossPercent / Math.max(1, burstRatio) + robustness));
  return Math.min(100, Math.max(0, BASE - delayImpairment(oneWayDelayMs) - effective));
}

/** G.107 section 7.4: Idd, nothing up to 100 ms. */
function delayImpairment(oneWayDelayMs: number): number {
  if (oneWayDelayMs <= 100) return 0;
  const x = Math.log2(Math.min(oneWayDelayMs, LONGEST_DELAY_MS) / 100);
  return 25 * ((1 + x ** 6) ** (1 / 6) - 3 * (1 + (x / 3) ** 6) ** (1 / 6) + 2);
}

/** G.107 Annex B. */
export function mosOf(r: number): number {
  if (r <= 0) return 1;
  if (r >= 100) return 4.5;
  return Math.max(1, 1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6);
}

/** The quality for a report block. */
export function qualityOf(
  block: Pick<ReportBlock, 'fractionLost'>,
  jitterMs: number | null,
  roundTripMs: number | null,
  codec: string,
): Quality {
  return qualityOfLoss((block.fractionLost / 256) * 100, jitterMs, roundTripMs, codec);
}

/** The same for loss in percent, and its bursts. */
export function qualityOfLoss(
  lossPercent: number,
  jitterMs: number | null,
  roundTripMs: number | null,
  codec: string,
  burstRatio = 1,
): Quality {
  const delayMs = (roundTripMs ?? 0) / 2 + PACKET_MS + 2 * (jitterMs ?? 0);
  const r = rFactor(lossPercent, delayMs, codec, burstRatio);
  return { rFactor: round(r, 1), mos: round(mosOf(r), 2) };
}

export function round(value: number, digits: number): number {
  const factor = 10 ** digits;
  return Math.round(value * factor) / factor;
}
