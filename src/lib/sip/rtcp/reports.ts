/** Sender and receiver reports: RFC 3550 sections 6.4.1 and 6.4.2. */
import { fault, u24, u32, type Fault } from '../../base/index.js';
import type { ReceiverReport, ReportBlock, SenderReport } from './packets.js';

const SENDER_BYTES = 24;
const BLOCK_BYTES = 24;

/** SSRC, 64 bits of NTP time, RTP time, packets, octets, then the report blocks. */
export function readSenderReport(bytes: Buffer, from: number, to: number, count: number): SenderReport | Fault {
  const needed = SENDER_BYTES + count * BLOCK_BYTES;
  if (to - from < needed) return fault('too_short', 'rtcp sr', from, needed, to - from);
  return {
    kind: 'sr',
    ssrc: u32(bytes, from),
    ntpSeconds: u32(bytes, from + 4),
    ntpFraction: u32(bytes, from + 8),
    rtpTimestamp: u32(bytes, from + 12),
    packets: u32(bytes, from + 16),
    octets: u32(bytes, from + 20),
    blocks: readBlocks(bytes, from + SENDER_BYTES, count),
  };
}

export function readReceiverReport(bytes: Buffer, from: number, to: number, count: number): ReceiverReport | Fault {
  const needed = 4 + count * BLOCK_BYTES;
  if (to - from < needed) return fault('too_short', 'rtcp rr', from, needed, to - from);
  return { kind: 'rr', ssrc: u32(bytes, from), blocks: readBlocks(bytes, from + 4, count) };
}

function readBlocks(bytes: Buffer, from: number, count: number): ReportBlock[] {
  const blocks: ReportBlock[] = [];
  for (let at = from; blocks.length < count; at += BLOCK_BYTES) {
    blocks.push({
      source: u32(bytes, at),
      fractionLost: bytes[at + 4],
      packetsLost: signed24(u24(bytes, at + 5)),
      highestSequence: u32(bytes, at + 8),
      jitter: u32(bytes, at + 12),
      lastSr: u32(bytes, at + 16),
      delaySinceLastSr: u32(bytes, at + 20),
    });
  }
  return blocks;
}

/** The cumulative loss is a signed number of 24 bits. */
export function signed24(value: number): number {
  return value >= 0x800000 && value <= 0xffffff ? value - 0x1000000 : value;
}
