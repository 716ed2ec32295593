/** The log itself: append, read, acknowledge, rewind, and periodic maintenance. Layout and guarantees: spool-options.ts. */
import { Counters } from '../../base/index.js';
import { RECORD_HEP_PACKET, type SpoolRecord } from '../../format/spool/index.js';
import { asUsageError, prepareFolder } from './access.js';
import { readAcknowledged, SavedPosition } from './acknowledged.js';
import { lockSpool, type SpoolLock } from './lock.js';
import { recoverSegments } from './recovery.js';
import type { Damage } from './segment-reader.js';
import { loseRemoved, noteRemoved } from './removed-segments.js';
import type { Segments } from './segments.js';
import { SpoolCursor } from './spool-cursor.js';
import { segmentBytesOf, setAsideBytesOf, type SpoolOptions, type SpoolStatus } from './spool-options.js';
import { SpoolWriter } from './spool-writer.js';

const MAINTENANCE_MS = 250;
/** Rounds of maintenance between syncs. */
const SYNC_EVERY = 4;
/** Pause before a segment that could not be read is read again. */
const READ_AGAIN_MS = 500;

export class SpoolLog {
  /** Records lost for good, by reason: spool_size, spool_age, spool_corrupt, spool_missing, disk_full, spool_write_failed. */
  readonly lost = new Counters();
  /** Of `lost`: records of an earlier process, which nobody else can count. */
  readonly lostRecovered = new Counters();
  /** Damaged stretches by kind, and their bytes. */
  readonly damaged = new Counters();
  damagedBytes = 0;
  /** Records taken by `append` or `appendRead`. */
  appended = 0;
  /** Why the next record cannot be read now: an errno code; '' while reading works. */
  readFailure = '';
  private readAgainAtMs = 0;
  private readonly writer: SpoolWriter;
  private readonly cursor: SpoolCursor;
  private readonly maintenance: NodeJS.Timeout;
  private acknowledgedTo: number;
  private readonly position: SavedPosition;
  private rounds = 0;

  private constructor(
    private readonly options: SpoolOptions,
    private readonly lock: SpoolLock,
    private readonly segments: Segments,
    acknowledgedTo: number,
    nextRecord: number,
    /** Records found unacknowledged at the start. */ readonly recovered: number,
  ) {
    this.acknowledgedTo = acknowledgedTo;
    this.position = new SavedPosition(options, acknowledgedTo);
    this.writer = new SpoolWriter(options, segments, nextRecord, () => this.boundSize());
    const lost = { all: this.lost, recovered: this.lostRecovered, recoveredTo: nextRecord };
    this.cursor = new SpoolCursor(segments, lost, (damage) => this.noteDamage(damage), acknowledgedTo);
    this.maintenance = setInterval(() => this.maintain(), MAINTENANCE_MS);
    this.maintenance.unref();
  }

  /** Opens or creates the spool; throws a UsageError if another process uses it, or if it cannot be read and written. */
  static async open(options: SpoolOptions): Promise<SpoolLog> {
    const { directory } = options;
    prepareFolder(directory);
    const lock = await lockSpool(directory);
    try {
      const acknowledged = readAcknowledged(directory);
      if (acknowledged < 0)
        options.log.warn(`spool ${directory}: the file 'acknowledged' is damaged; everything in the spool is delivered again`);
      const found = recoverSegments(options, acknowledged);
      const { segments, acknowledgedTo, nextRecord } = found;
      const log = new SpoolLog(options, lock, segments, acknowledgedTo, nextRecord, nextRecord - acknowledgedTo);
      for (const damage of found.damages) log.noteDamage(damage);
      log.cursor.ignore(found.damages);
      log.boundSize();
      return log;
    } catch (error) {
      lock.release();
      throw asUsageError(error, 'open the spool', directory, directory);
    }
  }

  /** Records not read yet. */
  get unread(): number {
    return this.writer.nextRecord - this.cursor.nextRecord - this.cursor.missing.countFrom(this.cursor.nextRecord);
  }

  /** Number that the next record gets. */
  get nextRecord(): number {
    return this.writer.nextRecord;
  }

  /** Number of the next record to be read: those before it were read or are lost. */
  get nextUnread(): number {
    return this.cursor.nextRecord;
  }

  /** Why the last write failed, as a reason to count by; '' while writes work. */
  get refusal(): string {
    return this.writer.refusal;
  }

  /** Takes one record; false when the disk refuses: then the caller keeps the record. */
  append(payload: Buffer, type = RECORD_HEP_PACKET): boolean {
    if (!this.writer.append(payload, type)) return false;
    this.appended++;
    return true;
  }

  /**
   * Takes a record that counts as read already (in flight, but unconfirmed): a rewind makes
   * it unread. Only while nothing is unread. Returns its number, 0 when the disk refuses.
   */
  appendRead(payload: Buffer, type = RECORD_HEP_PACKET): number {
    const number = this.writer.nextRecord;
    if (!this.append(payload, type)) return 0;
    this.cursor.moveTo(number + 1);
    return number;
  }

  /** The next record, or null while none can be read. */
  read(): SpoolRecord | null {
    if (this.unread === 0) return null;
    const { clock, log, directory } = this.options;
    if (this.readFailure !== '' && clock.monotonic() < this.readAgainAtMs) return null;
    try {
      const record = this.cursor.next(this.writer);
      if (this.readFailure !== '') log.info(`spool ${directory}: can be read again`);
      this.readFailure = '';
      this.acknowledgeMissing();
      return record;
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === undefined) throw error;
      if (this.readFailure === '') log.error(`spool ${directory}: cannot read: ${message}; trying again until it can`);
      this.readFailure = code;
      this.readAgainAtMs = clock.monotonic() + READ_AGAIN_MS;
      this.cursor.leave();
      return null;
    }
  }

  /** The record holds what this version does not understand: its segment is set aside instead of deleted. */
  keepSegmentOf(number: number): void {
    const segment = this.segments.holding(number);
    if (segment !== null) segment.damaged = true;
  }

  /** This record and all before it are delivered. */
  acknowledge(number: number): void {
    if (number < this.acknowledgedTo) return;
    this.acknowledgedTo = number + 1;
    this.acknowledgeMissing();
  }

  /** Lost records are not waited for: their segment can be deleted. */
  private acknowledgeMissing(): void {
    const { missing, nextRecord } = this.cursor;
    this.acknowledgedTo = Math.max(this.acknowledgedTo, Math.min(missing.endFrom(this.acknowledgedTo), nextRecord));
    missing.forgetBelow(this.acknowledgedTo);
  }

  /** Why the record is lost, a name of `lost`; '' where it is not. */
  lossOf(number: number): string {
    return this.cursor.lossOf(number);
  }

  /** Records read but not acknowledged are read again. */
  rewind(): void {
    if (this.cursor.nextRecord > this.acknowledgedTo) this.cursor.moveTo(this.acknowledgedTo);
  }

  /** Everything appended so far is on the disk, as far as the policy goes; false when it refuses. */
  async flush(): Promise<boolean> {
    const written = this.writer.flush();
    await this.writer.sync();
    return written;
  }

  /** Saves the delivered position, deletes what is no longer needed and unlocks. */
  async close(): Promise<void> {
    clearInterval(this.maintenance);
    loseRemoved(this.segments, this.cursor, this.acknowledgedTo, this.writer.nextRecord);
    this.acknowledgeMissing();
    const { buffered } = this.writer;
    const reason = this.refusal;
    if (!(await this.writer.close())) {
      const { nextRecord } = this.writer;
      this.cursor.lose(Math.max(this.acknowledgedTo, nextRecord - buffered), nextRecord, reason === '' ? this.refusal : reason);
    }
    this.cursor.leave();
    await this.save(); // may only wait for the one in flight
    await (this.segments.count > 0 ? this.savePosition() : this.save()); // the next owner is to know what is missing
    this.lock.release();
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
      readFailure: this.readFailure,
    };
  }

  private maintain(): void {
    this.rounds++;
    if (this.rounds % SYNC_EVERY === 0) {
      if (this.options.sync === 'interval') void this.writer.sync();
      this.boundAge();
      noteRemoved(this.segments, this.writer, this.warn);
    }
    void this.save();
  }

  /** The file first, then the segments: a crash in between leaves too much, never too little. */
  private async save(): Promise<void> {
    if (this.position.savedTo === this.acknowledgedTo && !this.removable()) return;
    await this.savePosition();
  }

  private savePosition(): Promise<void> {
    return this.position.save(this.acknowledgedTo, () => {
      while (this.removable()) this.removeFirst();
    });
  }

  private readonly warn = (text: string): void => this.options.log.warn(`spool ${this.options.directory}: ${text}`);

  private removable(): boolean {
    const { first } = this.segments;
    return first !== null && first.writer === null && this.segments.endOf(first, this.writer.nextRecord) <= this.position.savedTo;
  }

  /** Deletes the oldest segment, or sets it aside: unreadable content stays on disk, within its share of the size. */
  private removeFirst(): void {
    const { options, segments } = this;
    this.cursor.leaveSegment(segments.first!);
    const kept = segments.retireFirst();
    if (kept !== '') this.warn(`a damaged segment was set aside as ${kept}`);
    const max = setAsideBytesOf(options);
    for (const path of segments.setAside.bound(max)) this.warn(`deleted ${path}: damaged segments may take ${max} bytes`);
  }

  private boundSize(): void {
    const { segments, options } = this;
    const limit = options.maxBytes - segmentBytesOf(options); // space for the segment that begins now
    while (options.maxBytes > 0 && segments.totalBytes() + segments.setAside.bytes > limit && segments.first?.writer === null)
      this.giveUpFirst('spool_size');
  }

  /** Ages are by the monotonic clock: a step of the wall clock evicts nothing. */
  private boundAge(): void {
    const { maxAgeSeconds, clock } = this.options;
    const oldest = clock.monotonic() - maxAgeSeconds * 1000;
    while (maxAgeSeconds > 0 && this.segments.first?.writer === null && this.segments.first.newestAtMs < oldest)
      this.giveUpFirst('spool_age');
  }

  private giveUpFirst(reason: string): void {
    const segment = this.segments.first!;
    // It cannot be read at the moment.
    const isUnreadable = this.readFailure !== '' && segment === this.segments.holding(this.cursor.nextRecord);
    segment.damaged ||= isUnreadable;
    if (isUnreadable) this.readFailure = '';
    const nothingInHand = this.acknowledgedTo === this.cursor.nextRecord;
    const lost = this.cursor.giveUp(this.segments.endOf(segment, this.writer.nextRecord), reason);
    if (nothingInHand) this.acknowledgedTo = this.cursor.nextRecord;
    if (lost > 0) this.warn(`gave up ${lost} records of ${segment.path} (${reason})`);
    this.removeFirst();
  }

  private noteDamage(damage: Damage): void {
    if (damage.kind === 'corrupt') this.segments.markDamaged(damage.file);
    this.damaged.add(damage.kind);
    this.damagedBytes += damage.bytes;
    this.options.log.warn(`spool: ${damage.file}: ${damage.bytes} bytes at byte ${damage.atByte} are ${damage.kind} and were skipped`);
  }
}
