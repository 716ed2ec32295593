/**
 * Round trips from LSR and DLSR (RFC 3550 section 6.4.1), as seen from the capture point: a sender report passes, its
 * receiver waits and replies with a block that names it. The time between the two passages is the way to that receiver
 * and back plus its delay, which the block carries. Only the local clock is used, so no other need be right.
 */
import type { ReportBlock, RtcpCompound } from './packets.js';

const MAX_REPORTS = 4096;

/** Remembers when sender reports passed; the oldest are evicted. */
export class RoundTrips {
  private readonly passages = new Map<string, number>();

  constructor(private readonly maxReports = MAX_REPORTS) {}

  /** Notes the sender reports of a compound that passed at that time (microseconds). */
  note(compound: RtcpCompound, capturedAt: number): void {
    for (const packet of compound.packets)
      if (packet.kind === 'sr') this.noteSender(packet.ssrc, packet.ntpSeconds, packet.ntpFraction, capturedAt);
  }

  noteSender(ssrc: number, ntpSeconds: number, ntpFraction: number, capturedAt: number): void {
    const middle = (ntpSeconds & 0xffff) * 0x10000 + (ntpFraction >>> 16);
    if (middle === 0) return;
    const key = `${ssrc} ${middle}`;
    // Seen twice on its way (two capture points): the first passage counts.
    if (this.passages.has(key)) return;
    if (this.passages.size >= this.maxReports) this.passages.delete(this.passages.keys().next().value as string);
    this.passages.set(key, capturedAt);
  }

  /** Milliseconds from here to the reporter and back, null if the sender report did not pass here. */
  milliseconds(block: ReportBlock, capturedAt: number): number | null {
    if (block.lastSr === 0) return null;
    const passed = this.passages.get(`${block.source} ${block.lastSr}`);
    if (passed === undefined) return null;
    const milliseconds = (capturedAt - passed) / 1000 - (block.delaySinceLastSr * 1000) / 65_536;
    // Clock steps and wrong delays of reporters yield nonsense.
    return milliseconds < -1 || milliseconds > 60_000 ? null : Math.max(0, milliseconds);
  }
}
