/**
 * A spool: a durable first-in first-out log of records in a directory of its own. Records are appended,
 * read in order, and acknowledged when they are delivered; what is not acknowledged is there again after
 * any end of the process. Segments that are wholly acknowledged are deleted.
 *
 * Books: recovered + appended = read for good + unread + lost, where a rewind makes read records unread.
 */
import { mkdirSync } from 'node:fs';
import { Counters } from '../../base/index.js';
import { RECORD_HEP_PACKET, checkRecord, readRecord, recordEnd, type SpoolRecord } from '../../format/spool/index.js';
import { readAcknowledged, writeAcknowledged } from './acknowledged.js';
import { lockSpool, type SpoolLock } from './lock.js';
import { recoverSegments } from './recovery.js';
import type { Damage } from './segment-reader.js';
import type { Segment, Segments } from './segments.js';
import { SpoolCursor } from './spool-cursor.js';
import { segmentBytesOf, type SpoolOptions } from './spool-options.js';
import { SpoolWriter } from './spool-writer.js';

const UPKEEP_MS = 250;
const SYNC_EVERY_UPKEEPS = 4;

export interface SpoolStatus {
  /** Records that are not acknowledged, and the bytes of all segments. */
  backlogRecords: number;
  backlogBytes: number;
  segments: number;
  nextRecord: number;
  acknowledgedTo: number;
  next: { file: string; atByte: number } | null;
  /** Why the disk refuses to be written; '' while it does not. */
  failure: string;
}

export class SpoolLog {
  /** Records lost for good, by reason: spool_size, spool_age, spool_corrupt, spool_missing, disk_full, spool_write_failed. */
  readonly lost = new Counters();
  /** Damaged stretches by kind, and their bytes. */
  readonly damaged = new Counters();
  damagedBytes = 0;
  /** Records taken by `append` or `appendRead`. */
  appended = 0;
  private readonly writer: SpoolWriter;
  private readonly cursor: SpoolCursor;
  private readonly maintenance: NodeJS.Timeout;
  private acknowledgedTo: number;
  private savedTo: number;
  private saving: Promise<void> | null = null;
  private upkeeps = 0;

  private constructor(
    private readonly options: SpoolOptions,
    private readonly lock: SpoolLock,
    private readonly segments: Segments,
    acknowledgedTo: number,
    nextRecord: number,
    /** Records found unacknowledged at the start. */ readonly recovered: number,
  ) {
    this.acknowledgedTo = acknowledgedTo;
    this.savedTo = acknowledgedTo;
    this.writer = new SpoolWriter(options, segments, nextRecord, () => this.boundSize());
    this.cursor = new SpoolCursor(segments, this.lost, (damage) => this.noteDamage(damage), acknowledgedTo);
    this.maintenance = setInterval(() => this.keepUp(), UPKEEP_MS);
    this.maintenance.unref();
  }

  /** Opens or makes the spool; throws a UsageError where another process has it. */
  static async open(options: SpoolOptions): Promise<SpoolLog> {
    mkdirSync(options.directory, { recursive: true, mode: 0o750 });
    const lock = await lockSpool(options.directory);
    try {
      const acknowledged = readAcknowledged(options.directory);
      if (acknowledged < 0)
        options.log.warn(`spool ${options.directory}: the file 'acknowledged' is damaged; everything in the spool is sent again`);
      const found = recoverSegments(options, acknowledged);
      const log = new SpoolLog(
        options,
        lock,
        found.segments,
        found.acknowledgedTo,
        found.nextRecord,
        found.nextRecord - found.acknowledgedTo,
      );
      for (const damage of found.damages) log.noteDamage(damage);
      log.cursor.ignore(found.damages);
      log.boundSize();
      return log;
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  /** Records that wait to be read. */
  get unread(): number {
    return this.writer.nextRecord - this.cursor.nextRecord - this.cursor.missing.countFrom(this.cursor.nextRecord);
  }

  /** Why the last write failed, as a reason to count by; '' while writes work. */
  get refusal(): string {
    const { failure } = this.writer;
    return failure === '' ? '' : failure === 'ENOSPC' || failure === 'EDQUOT' ? 'disk_full' : 'spool_write_failed';
  }

  /** Takes one record; false where the disk refuses, and then the record is the caller's still. */
  append(payload: Buffer, type = RECORD_HEP_PACKET): boolean {
    if (!this.writer.append(payload, type)) return false;
    this.appended++;
    return true;
  }

  /**
   * Takes a record that counts as read already (it is on its way, but not for certain): a rewind brings
   * it back. Only where nothing is unread. Answers its number, 0 where the disk refuses.
   */
  appendRead(payload: Buffer, type = RECORD_HEP_PACKET): number {
    const number = this.writer.nextRecord;
    if (!this.append(payload, type)) return 0;
    this.cursor.moveTo(number + 1);
    return number;
  }

  /** The next record, or null where there is none that can be read now. */
  read(): SpoolRecord | null {
    if (this.unread === 0) return null;
    const record = this.cursor.read(this.writer.firstBuffered);
    if (record !== null || !this.writer.flush()) return record;
    return this.cursor.read(this.writer.firstBuffered);
  }

  /** Takes back the records that the disk refuses and nobody read: they are the caller's again. */
  takeRefused(): Buffer[] {
    if (this.writer.failure === '' || this.writer.buffered === 0 || this.writer.firstBuffered < this.cursor.nextRecord) return [];
    const bytes = this.writer.takeBuffered();
    const payloads: Buffer[] = [];
    for (let at = 0; at < bytes.length && checkRecord(bytes, at, bytes.length) === null; at = recordEnd(bytes, at))
      payloads.push(readRecord(bytes, at).payload);
    this.appended -= payloads.length;
    return payloads;
  }

  /** This record and all before it are delivered. */
  acknowledge(number: number): void {
    if (number < this.acknowledgedTo) return;
    this.acknowledgedTo = number + 1;
    this.cursor.missing.forgetBelow(number + 1);
  }

  /** What was read but not acknowledged is read again. */
  rewind(): void {
    if (this.cursor.nextRecord > this.acknowledgedTo) this.cursor.moveTo(this.acknowledgedTo);
  }

  /** Everything appended so far is on the disk, as far as the policy goes; false where it refuses. */
  async flush(): Promise<boolean> {
    const written = this.writer.flush();
    await this.writer.sync();
    return written;
  }

  /** Saves how far it is delivered, deletes what is not needed any more and unlocks. */
  async close(): Promise<void> {
    clearInterval(this.maintenance);
    const { buffered } = this.writer;
    const reason = this.refusal;
    if (!(await this.writer.close()))
      this.lost.add(
        reason === '' ? this.refusal : reason,
        this.cursor.missing.add(this.writer.nextRecord - buffered, this.writer.nextRecord),
      );
    this.cursor.leave();
    await this.save(); // may only be the one that was under way
    await this.save();
    await this.lock.release();
  }

  status(): SpoolStatus {
    const { acknowledgedTo } = this;
    return {
      backlogRecords: this.writer.nextRecord - acknowledgedTo - this.cursor.missing.countFrom(acknowledgedTo),
      backlogBytes: this.segments.totalBytes(),
      segments: this.segments.count,
      nextRecord: this.writer.nextRecord,
      acknowledgedTo,
      next: this.cursor.position(),
      failure: this.writer.failure,
    };
  }

  private keepUp(): void {
    this.upkeeps++;
    if (this.upkeeps % SYNC_EVERY_UPKEEPS === 0) {
      if (this.options.sync === 'interval') void this.writer.sync();
      this.boundAge();
    }
    void this.save();
  }

  /** The file first, then the segments: a crash in between leaves too much, never too little. */
  private async save(): Promise<void> {
    if (this.saving !== null) return this.saving;
    if (this.savedTo === this.acknowledgedTo && !this.removable()) return;
    const to = this.acknowledgedTo;
    this.saving = this.savePosition(to)
      .then(() => {
        while (this.removable()) this.removeFirst();
      })
      .catch((error: NodeJS.ErrnoException) => {
        if (error.code === undefined) throw error;
        this.options.log.warn(`spool ${this.options.directory}: cannot note how far it is delivered: ${error.message}`);
      })
      .finally(() => {
        this.saving = null;
      });
    return this.saving;
  }

  private async savePosition(to: number): Promise<void> {
    await writeAcknowledged(this.options.directory, to, this.options.sync !== 'never');
    this.savedTo = to;
  }

  private removable(): boolean {
    const { first } = this.segments;
    return first !== null && first.writer === null && this.endOf(first) <= this.savedTo;
  }

  private endOf(segment: Segment): number {
    return this.segments.after(segment)?.firstRecord ?? this.writer.nextRecord;
  }

  private removeFirst(): void {
    const { first } = this.segments;
    if (first !== null) this.cursor.leaveSegment(first);
    this.segments.removeFirst();
  }

  private boundSize(): void {
    const { maxBytes } = this.options;
    const most = maxBytes - segmentBytesOf(this.options); // room for the segment that begins now
    while (maxBytes > 0 && this.segments.totalBytes() > most && this.segments.first?.writer === null) this.giveUpFirst('spool_size');
  }

  /** Ages are by the clock that only grows: a stepped wall clock gives nothing up. */
  private boundAge(): void {
    const { maxAgeSeconds, clock } = this.options;
    const oldest = clock.monotonic() - maxAgeSeconds * 1000;
    while (maxAgeSeconds > 0 && this.segments.first?.writer === null && this.segments.first.newestAtMs < oldest)
      this.giveUpFirst('spool_age');
  }

  private giveUpFirst(reason: string): void {
    const segment = this.segments.first!;
    const end = this.endOf(segment);
    const nothingUnderWay = this.acknowledgedTo === this.cursor.nextRecord;
    const lost = this.cursor.giveUp(end, reason);
    if (nothingUnderWay) this.acknowledgedTo = this.cursor.nextRecord;
    if (lost > 0) this.options.log.warn(`spool ${this.options.directory}: gave up ${lost} records of ${segment.path} (${reason})`);
    this.removeFirst();
  }

  private noteDamage(damage: Damage): void {
    this.damaged.add(damage.kind);
    this.damagedBytes += damage.bytes;
    this.options.log.warn(`spool: ${damage.file}: ${damage.bytes} bytes at byte ${damage.atByte} are ${damage.kind} and left out`);
  }
}
