/**
 * Extended reports: RFC 3611 section 2. SSRC of the sender, then blocks:
 *
 *   |  block type   | type-specific |   length in 32-bit words      |
 */
import { fault, isFault, u16, u32, type Fault } from '../../base/index.js';
import type { DelayBlock, ReceiptTimesBlock, RunLengthBlock, StatisticsBlock, VoipMetricsBlock, XrBlock } from './extended-blocks.js';
import type { ExtendedReport } from './packets.js';

const HEADER_BYTES = 4;
/** Smallest contents of each block type (sections 4.1 to 4.7). */
const MIN_BYTES: readonly number[] = [0, 8, 8, 8, 8, 0, 36, 32];

export function readExtendedReport(bytes: Buffer, from: number, to: number): ExtendedReport | Fault {
  if (to - from < 4) return fault('too_short', 'rtcp xr', from, 4, to - from);
  const blocks: XrBlock[] = [];
  for (let at = from + 4; at < to;) {
    if (to - at < HEADER_BYTES) return fault('too_short', 'rtcp xr block', at, HEADER_BYTES, to - at);
    const length = u16(bytes, at + 2) * 4;
    if (at + HEADER_BYTES + length > to) return fault('truncated', 'rtcp xr block', at, HEADER_BYTES + length, to - at);
    const block = readBlock(bytes, at, at + HEADER_BYTES, length);
    if (isFault(block)) return block;
    blocks.push(block);
    at += HEADER_BYTES + length;
  }
  return { kind: 'xr', ssrc: u32(bytes, from), blocks };
}

function readBlock(bytes: Buffer, header: number, from: number, length: number): XrBlock | Fault {
  const blockType = bytes[header];
  const specific = bytes[header + 1];
  const minBytes = MIN_BYTES[blockType] ?? 0;
  if (length < minBytes) return fault('too_short', 'rtcp xr block', header, minBytes, length);
  switch (blockType) {
    case 1:
    case 2:
      return readRunLengths(bytes, from, length, blockType, specific);
    case 3:
      return readReceiptTimes(bytes, from, length, specific);
    case 4:
      return { blockType, ntpSeconds: u32(bytes, from), ntpFraction: u32(bytes, from + 4) };
    case 5:
      return readDelays(bytes, from, length);
    case 6:
      return readStatistics(bytes, from, specific);
    case 7:
      return readVoipMetrics(bytes, from);
    default:
      return { blockType, specific, data: bytes.subarray(from, from + length), other: true };
  }
}

/** Sections 4.1 and 4.2: SSRC, begin, end, chunks of 16 bits; a chunk of zero is padding. */
function readRunLengths(bytes: Buffer, from: number, length: number, blockType: 1 | 2, specific: number): RunLengthBlock {
  const chunks: number[] = [];
  for (let at = from + 8; at < from + length; at += 2) if (u16(bytes, at) !== 0) chunks.push(u16(bytes, at));
  return {
    blockType,
    source: u32(bytes, from),
    thinning: specific & 0x0f,
    beginSequence: u16(bytes, from + 4),
    endSequence: u16(bytes, from + 6),
    chunks,
  };
}

/** Section 4.3. */
function readReceiptTimes(bytes: Buffer, from: number, length: number, specific: number): ReceiptTimesBlock {
  const times: number[] = [];
  for (let at = from + 8; at < from + length; at += 4) times.push(u32(bytes, at));
  return {
    blockType: 3,
    source: u32(bytes, from),
    thinning: specific & 0x0f,
    beginSequence: u16(bytes, from + 4),
    endSequence: u16(bytes, from + 6),
    times,
  };
}

/** Section 4.5: entries of SSRC, last RR, delay; an incomplete last entry is ignored. */
function readDelays(bytes: Buffer, from: number, length: number): DelayBlock {
  const entries: DelayBlock['entries'] = [];
  for (let at = from; at + 12 <= from + length; at += 12)
    entries.push({ source: u32(bytes, at), lastRr: u32(bytes, at + 4), delaySinceLastRr: u32(bytes, at + 8) });
  return { blockType: 5, entries };
}

/** Section 4.6: the flags L, D, J and the two bits ToH tell which members are valid. */
function readStatistics(bytes: Buffer, from: number, flags: number): StatisticsBlock {
  const toh = (flags >> 3) & 3;
  return {
    blockType: 6,
    source: u32(bytes, from),
    beginSequence: u16(bytes, from + 4),
    endSequence: u16(bytes, from + 6),
    lost: (flags & 0x80) !== 0 ? u32(bytes, from + 8) : null,
    duplicates: (flags & 0x40) !== 0 ? u32(bytes, from + 12) : null,
    jitter:
      (flags & 0x20) !== 0
        ? { minimum: u32(bytes, from + 16), maximum: u32(bytes, from + 20), mean: u32(bytes, from + 24), deviation: u32(bytes, from + 28) }
        : null,
    hops:
      toh === 1 || toh === 2
        ? {
            version: toh === 1 ? 4 : 6,
            minimum: bytes[from + 32],
            maximum: bytes[from + 33],
            mean: bytes[from + 34],
            deviation: bytes[from + 35],
          }
        : null,
  };
}

/** Section 4.7: signal and noise are signed. */
function readVoipMetrics(bytes: Buffer, from: number): VoipMetricsBlock {
  return {
    blockType: 7,
    source: u32(bytes, from),
    lossRate: bytes[from + 4],
    discardRate: bytes[from + 5],
    burstDensity: bytes[from + 6],
    gapDensity: bytes[from + 7],
    burstDuration: u16(bytes, from + 8),
    gapDuration: u16(bytes, from + 10),
    roundTripDelay: u16(bytes, from + 12),
    endSystemDelay: u16(bytes, from + 14),
    signalLevel: (bytes[from + 16] << 24) >> 24,
    noiseLevel: (bytes[from + 17] << 24) >> 24,
    residualEchoReturnLoss: bytes[from + 18],
    gapMinimum: bytes[from + 19],
    rFactor: bytes[from + 20],
    externalRFactor: bytes[from + 21],
    mosListening: bytes[from + 22],
    mosConversational: bytes[from + 23],
    receiverConfiguration: bytes[from + 24],
    jitterBufferNominal: u16(bytes, from + 26),
    jitterBufferMaximum: u16(bytes, from + 28),
    jitterBufferAbsoluteMaximum: u16(bytes, from + 30),
  };
}

/**
 * Sections 4.1.1 and 4.1.2: one bit for each packet reported on: in block 1 true means received, in block 2 true means
 * not a duplicate. A run chunk is 0, its bit, 14 bits of length; a vector chunk is 1 and 15 bits.
 */
export function runLengthBits(block: RunLengthBlock): boolean[] {
  const max = Math.ceil(((block.endSequence - block.beginSequence + 0x10000) & 0xffff) / 2 ** block.thinning);
  const bits: boolean[] = [];
  for (const chunk of block.chunks) {
    if ((chunk & 0x8000) === 0) for (let i = 0; i < (chunk & 0x3fff) && bits.length < max; i++) bits.push((chunk & 0x4000) !== 0);
    else for (let bit = 14; bit >= 0 && bits.length < max; bit--) bits.push(((chunk >> bit) & 1) === 1);
  }
  return bits;
}
