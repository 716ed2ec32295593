/**
 * An estimate of call quality by the E-model of ITU-T G.107: R = 93.2 - Idd - Ie,eff. Assumptions: narrowband, all other
 * values at their defaults, no echo; random losses (BurstR 1); the one-way delay is half the round trip, one packet of
 * 20 ms, and a jitter buffer of twice the jitter; a codec that is not in the table counts as G.711 with loss concealment.
 * An unknown round trip adds nothing.
 */
import type { ReportBlock } from './packets.js';

/** Ro - Is of G.107 with every parameter at its default. */
const BASE = 93.2;
const PACKET_MS = 20;
/** Beyond it a conversation is impossible, and G.107 is not valid. */
const LONGEST_DELAY_MS = 2000;

interface Impairment {
  equipment: number;
  robustness: number;
}

const G711: Impairment = { equipment: 0, robustness: 25.1 };
/** G.113 Appendix I: Ie, and Bpl of random loss; G.711 with concealment. Names as in SDP (RFC 3551). */
const IMPAIRMENTS: Readonly<Record<string, Impairment>> = {
  PCMU: G711,
  PCMA: G711,
  G729: { equipment: 11, robustness: 19 },
  G723: { equipment: 15, robustness: 16.1 },
  'GSM-EFR': { equipment: 5, robustness: 10 },
};

export interface Quality {
  rFactor: number;
  /** Conversational, 1 to 4.5. */
  mos: number;
}

/** R from loss (percent), one-way delay and codec. */
export function rFactor(lossPercent: number, oneWayDelayMs: number, codec: string): number {
  const { equipment, robustness } = IMPAIRMENTS[codec.toUpperCase()] ?? G711;
  // G.107 section 7.5: Ie,eff for random losses.
  const effective = equipment + (95 - equipment) * (lossPercent / (lossPercent + robustness));
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
  const delayMs = (roundTripMs ?? 0) / 2 + PACKET_MS + 2 * (jitterMs ?? 0);
  const r = rFactor((block.fractionLost / 256) * 100, delayMs, codec);
  return { rFactor: round(r, 1), mos: round(mosOf(r), 2) };
}

export function round(value: number, digits: number): number {
  const factor = 10 ** digits;
  return Math.round(value * factor) / factor;
}
