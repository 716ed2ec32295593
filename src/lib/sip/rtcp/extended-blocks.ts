/** The report blocks of RFC 3611 section 4, as records. */

/** Sections 4.1 and 4.2: lost or duplicate packets, as runs and bit vectors. */
export interface RunLengthBlock {
  blockType: 1 | 2;
  source: number;
  /** Only every 2^thinning-th packet is reported on. */
  thinning: number;
  beginSequence: number;
  /** One past the last. */
  endSequence: number;
  /** As on the wire; `runLengthBits` expands them. */
  chunks: number[];
}

/** Section 4.3: when each packet was received, in units of the RTP clock. */
export interface ReceiptTimesBlock {
  blockType: 3;
  source: number;
  thinning: number;
  beginSequence: number;
  endSequence: number;
  times: number[];
}

/** Section 4.4: the time at which a receiver sent this; senders reply with DLRR. */
export interface ReferenceTimeBlock {
  blockType: 4;
  ntpSeconds: number;
  ntpFraction: number;
}

/** Section 4.5: last reference time received, and the delay since, in 1/65536 s. */
export interface DelayBlock {
  blockType: 5;
  entries: { source: number; lastRr: number; delaySinceLastRr: number }[];
}

/** Section 4.6; members absent by the flags are null. Jitter in units of the RTP clock. */
export interface StatisticsBlock {
  blockType: 6;
  source: number;
  beginSequence: number;
  endSequence: number;
  lost: number | null;
  duplicates: number | null;
  jitter: { minimum: number; maximum: number; mean: number; deviation: number } | null;
  /** Time to live of IPv4, or hop limit of IPv6. */
  hops: { version: 4 | 6; minimum: number; maximum: number; mean: number; deviation: number } | null;
}

/** Section 4.7. Rates and densities of 256, durations and delays in ms, levels in dBm, MOS times ten; 127 is "unavailable" where the section says so. */
export interface VoipMetricsBlock {
  blockType: 7;
  source: number;
  lossRate: number;
  discardRate: number;
  burstDensity: number;
  gapDensity: number;
  burstDuration: number;
  gapDuration: number;
  roundTripDelay: number;
  endSystemDelay: number;
  signalLevel: number;
  noiseLevel: number;
  residualEchoReturnLoss: number;
  gapMinimum: number;
  rFactor: number;
  externalRFactor: number;
  mosListening: number;
  mosConversational: number;
  receiverConfiguration: number;
  jitterBufferNominal: number;
  jitterBufferMaximum: number;
  jitterBufferAbsoluteMaximum: number;
}

/** A block type not defined in RFC 3611. */
export interface OtherBlock {
  blockType: number;
  specific: number;
  data: Buffer;
  other: true;
}

export type XrBlock =
  RunLengthBlock | ReceiptTimesBlock | ReferenceTimeBlock | DelayBlock | StatisticsBlock | VoipMetricsBlock | OtherBlock;

export function isVoipMetrics(block: XrBlock): block is VoipMetricsBlock {
  return block.blockType === 7 && !('other' in block);
}
