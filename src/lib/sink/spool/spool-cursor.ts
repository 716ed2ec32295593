/**
 * The reading end of a spool: iterates over the segments in order and detects by the records' numbers what
 * is missing, so that every loss is counted, and only once however often a range is read again.
 * Records that the system fails to read are not missing: the error is thrown, and reading resumes there.
 */
import type { Counters } from '../../base/index.js';
import type { SpoolRecord } from '../../format/spool/index.js';
import { NumberRanges } from './number-ranges.js';
import { SegmentReader, type Damage } from './segment-reader.js';
import { writtenBytes, type Segment, type Segments } from './segments.js';
import type { SpoolWriter } from './spool-writer.js';

/** Records lost for good, by reason: all of them, and of these the ones before `recoveredTo`, which an earlier process appended. */
export interface LostRecords {
  all: Counters;
  recovered: Counters;
  recoveredTo: number;
}

export class SpoolCursor {
  /** Numbers that are in no file any more, and were counted as lost. */
  readonly missing = new NumberRanges();
  private segment: Segment | null = null;
  private reader: SegmentReader | null = null;
  private damaged = false;
  private readonly seen = new Set<string>();
  /** What was lost and why, in the order in which it was noticed. */
  private readonly losses: { from: number; to: number; reason: string }[] = [];

  constructor(
    private readonly segments: Segments,
    private readonly lost: LostRecords,
    private readonly onDamage: (damage: Damage) => void,
    /** The next record to be read. */
    public nextRecord: number,
  ) {}

  /** The next record, or null; those that the disk refuses come out of the buffer. Throws the system's errors. */
  next(writer: Pick<SpoolWriter, 'firstBuffered' | 'flush' | 'bufferedRecord'>): SpoolRecord | null {
    const written = this.nextRecord < writer.firstBuffered ? this.read(writer.firstBuffered) : null;
    if (written !== null) return written;
    if (writer.flush()) return this.read(writer.firstBuffered);
    const refused = writer.bufferedRecord(this.nextRecord);
    if (refused !== null) this.nextRecord = refused.number + 1;
    return refused;
  }

  /** The next record that is on the disk, or null; the disk has those before `end`. Throws the system's errors. */
  private read(end: number): SpoolRecord | null {
    for (;;) {
      if (this.segment === null && !this.enter(this.segments.holding(this.nextRecord))) break;
      const segment = this.segment!;
      const record = this.reader!.next(writtenBytes(segment));
      if (record !== null) {
        if (record.number < this.nextRecord) continue; // on the way to where we left off
        this.passOver(record.number);
        this.nextRecord = record.number + 1;
        return record;
      }
      const next = this.segments.after(segment);
      if (segment.writer !== null || next === null) break;
      this.passOver(next.firstRecord);
      this.enter(next); // damage at the end of the last one may only show in this one's first number
    }
    this.passOver(end);
    return null;
  }

  /** Reading continues behind what is known to be missing here. */
  skipMissing(): void {
    const end = this.missing.endFrom(this.nextRecord);
    if (end > this.nextRecord) this.moveTo(end);
  }

  /** Reading continues at that record. */
  moveTo(record: number): void {
    this.leave();
    this.nextRecord = record;
  }

  /** The records up to but excluding `end` are evicted; returns how many of them were not read yet. */
  giveUp(end: number, reason: string): number {
    if (end <= this.nextRecord) return 0;
    const lost = this.lose(this.nextRecord, end, reason);
    this.moveTo(end);
    return lost;
  }

  /** Damage that was reported when the spool was opened. */
  ignore(damages: readonly Damage[]): void {
    for (const damage of damages) this.seen.add(placeOf(damage));
  }

  /** The file is about to be deleted. */
  leaveSegment(segment: Segment): void {
    if (this.segment === segment) this.leave();
  }

  /** Closes the file that is being read. */
  leave(): void {
    this.reader?.close();
    this.reader = null;
    this.segment = null;
    this.damaged = false;
  }

  /** Where the next record is read, for reports: file and byte; null before the first read. */
  position(): { file: string; atByte: number } | null {
    return this.reader === null ? null : { file: this.reader.path, atByte: this.reader.atByte };
  }

  private enter(segment: Segment | null): boolean {
    const { damaged } = this;
    this.leave();
    if (segment === null) return false;
    this.segment = segment;
    this.reader = new SegmentReader(segment.path, this.noteDamage);
    this.damaged = damaged;
    return true;
  }

  /** The records between the expected one and `number` are gone. */
  private passOver(number: number): void {
    if (number <= this.nextRecord) return;
    this.lose(this.nextRecord, number, this.damaged ? 'spool_corrupt' : 'spool_missing');
    this.nextRecord = number;
    this.damaged = false;
  }

  /** Counts the records from `from` up to but excluding `end`; returns how many were not counted before. */
  lose(from: number, end: number, reason: string): number {
    const { all, recovered, recoveredTo } = this.lost;
    const old = this.missing.add(from, Math.min(end, recoveredTo));
    const lost = old + this.missing.add(Math.max(from, recoveredTo), end);
    if (old > 0) recovered.add(reason, old);
    if (lost === 0) return 0;
    all.add(reason, lost);
    const last = this.losses.at(-1);
    if (last?.reason === reason && last.to === from) last.to = end;
    else this.losses.push({ from, to: end, reason });
    return lost;
  }

  /** Why the record is lost; '' where it is not. */
  lossOf(number: number): string {
    return this.losses.find(({ from, to }) => from <= number && number < to)?.reason ?? '';
  }

  private readonly noteDamage = (damage: Damage): void => {
    this.damaged = true;
    const place = placeOf(damage);
    if (this.seen.has(place)) return;
    this.seen.add(place);
    this.onDamage(damage);
  };
}

function placeOf(damage: Damage): string {
  return `${damage.file}:${damage.atByte}`;
}
