/** The streams of one call together: properties visible only in comparison. */
import type { StreamReport } from './stream-report.js';

/** The other direction is reported missing only after this long, and this many packets. */
const ONE_WAY_MICROSECONDS = 3e6;
const ONE_WAY_PACKETS = 100;
/** A shorter overlap is accidental. */
export const COLLISION_MICROSECONDS = 1e6;

/**
 * Flags changes and collisions of SSRCs, and one-way media in an answered call (at `answeredAt`, 0 if it
 * was not): a caller need not send while it rings. In order of their start.
 */
export function relateStreams(reports: readonly StreamReport[], answeredAt: number): StreamReport[] {
  const sorted = [...reports].sort((a, b) => a.startedAt - b.startedAt);
  const latest = new Map<string, StreamReport>();
  const sources = new Map<string, StreamReport>();
  const pairs = new Set(sorted.map(({ sourceAddress, destinationAddress }) => `${sourceAddress} ${destinationAddress}`));
  for (const report of sorted) {
    const { source, destination, ssrc, sourceAddress, destinationAddress } = report;
    const path = `${source} ${destination}`;
    if (latest.has(path)) report.notes.push('ssrc-change');
    latest.set(path, report);
    const key = `${destination} ${ssrc}`;
    const other = sources.get(key);
    if (other !== undefined && other.source !== source && other.endedAt - report.startedAt > COLLISION_MICROSECONDS) {
      for (const each of [other, report]) if (!each.notes.includes('ssrc-collision')) each.notes.push('ssrc-collision');
    }
    sources.set(key, report);
    const isAlone = !pairs.has(`${destinationAddress} ${sourceAddress}`);
    if (answeredAt > 0 && isAlone && goesOn(report, answeredAt)) report.notes.push('one-way');
  }
  return sorted;
}

/** The lowest MOS of streams that are long enough to have one; null where none has. */
export function worstOf(reports: readonly StreamReport[]): StreamReport | null {
  let worst: StreamReport | null = null;
  for (const report of reports) {
    if (report.mos === null) continue;
    if (worst === null || report.mos < worst.mos!) worst = report;
  }
  return worst;
}

/** Of all packets that were sent, percent. */
export function lossOf(reports: readonly StreamReport[]): number | null {
  let lost = 0;
  let expected = 0;
  for (const report of reports) {
    lost += report.lost;
    expected += report.expected;
  }
  return expected === 0 ? null : (lost * 100) / expected;
}

export function isOneWay(reports: readonly StreamReport[]): boolean {
  return reports.some(({ notes }) => notes.includes('one-way'));
}

/** Whether the MOS or the loss of one that counts is not to be relied on. */
export function isUnreliable(reports: readonly StreamReport[]): boolean {
  return reports.some(({ mos, notes }) => mos !== null && (notes.includes('outage') || notes.includes('sequence-jumps')));
}

/** Announced to go both ways, and long enough in the conversation. */
export function goesOn({ packets, startedAt, endedAt, kind, direction }: StreamReport, answeredAt: number): boolean {
  const isTwoWay = kind === 'audio' && direction === 'sendrecv';
  return isTwoWay && packets >= ONE_WAY_PACKETS && endedAt - Math.max(startedAt, answeredAt) >= ONE_WAY_MICROSECONDS;
}
