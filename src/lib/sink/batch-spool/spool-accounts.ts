/**
 * The accounts of a batch spool. Law, in rows: before + unpacked + held = written + refused + waiting + lost, where
 * `held` is everything this process ever put into the spool. How many rows a lost record of an earlier process held is
 * unknown: it counts as one of `before`.
 */
import { Counters } from '../../base/index.js';

/** Reasons for which a spool gives up its oldest records. */
const EVICTED: ReadonlySet<string> = new Set(['spool_size', 'spool_age']);

interface Held {
  rows: number;
  packets: number;
  /** Undecoded packets that were read before, and counted then. */
  counted?: boolean;
  /** It was taken over: if the spool loses it, the spool counts it among those of before, too. */
  inherited?: boolean;
}

/** What the accounts of a closed spool leave to its next owner: rows and undecoded packets by record number. */
export interface SpoolLegacy {
  rows: number;
  packets: number;
  records: readonly (readonly [number, Held])[];
  /** Of several spools each by itself. */
  parts?: readonly SpoolLegacy[];
}

export class SpoolAccounts {
  written = 0;
  refused = 0;
  /** Rows read of those taken over from an earlier process. */
  private beforeRead = 0;
  /** Rows decoded from raw records. */
  unpacked = 0;
  /** Rows of this process that were lost, and records of an earlier one that are not understood, by reason. */
  private readonly lostHere = new Counters();
  private noted = 0;
  /** Of `lostBefore`: records that were held, by reason. */
  private readonly knownBefore = new Counters();
  /** What this process put into the spool and has not read back. */
  heldRows = 0;
  heldPackets = 0;
  /** By number of the record, ascending. */
  private readonly held = new Map<number, Held>();

  /**
   * `lostBefore`: the spool's count of records lost that an earlier process had appended; `dropped` gets the undecoded
   * packets of lost records, by reason.
   */
  constructor(
    private readonly lostBefore: Counters,
    private readonly dropped: Counters,
  ) {}

  /** Rows taken over from an earlier process, as far as they were read or are lost. */
  get before(): number {
    return this.beforeRead + this.lostBefore.total() - this.knownBefore.total();
  }

  /** What was lost, by reason. */
  get lost(): Counters {
    const all = new Counters();
    for (const [reason, count] of this.lostHere.entries()) all.add(reason, count);
    for (const [reason, count] of this.lostBefore.entries()) {
      const known = this.knownBefore.get(reason);
      if (count > known) all.add(reason, count - known);
    }
    return all;
  }

  hold(number: number, rows: number, packets: number): void {
    this.held.set(number, { rows, packets });
    this.heldRows += rows;
    this.heldPackets += packets;
  }

  /** Everything held, and the record to be stored next. */
  legacy(inHand: { number: number; rows: number } | null): SpoolLegacy {
    const { held, heldRows, heldPackets } = this;
    if (inHand === null || inHand.number === 0) return { rows: heldRows, packets: heldPackets, records: [...held] };
    const { number, rows } = inHand;
    return { rows: heldRows + rows, packets: heldPackets, records: [[number, { rows, packets: 0, counted: true }], ...held] };
  }

  /** Takes over what the previous output left in this spool, as far as it is there; before anything is held. */
  inherit({ rows, records }: SpoolLegacy, isThere: (number: number) => boolean): void {
    for (const [number, held] of records) {
      if (isThere(number)) {
        this.hold(number, held.rows, held.packets);
        this.held.set(number, { ...held, inherited: true });
      } else this.lose(number, 'spool_missing', held);
    }
    this.beforeRead += rows;
  }

  /** The record leaves the spool; zeros if it is not one of this process. */
  take(number: number): Held {
    const held = this.held.get(number) ?? { rows: 0, packets: 0 };
    this.held.delete(number);
    this.heldRows -= held.rows;
    this.heldPackets -= held.packets;
    return held;
  }

  readBefore(rows: number): void {
    this.beforeRead += rows;
  }

  stored(rows: number, refused: number): void {
    this.refused += refused;
    this.written += rows - refused;
  }

  /** The spool lost the record, for one of its reasons. */
  lose(number: number, why: string, { rows, packets, inherited }: Held = this.take(number)): void {
    if (inherited === true) this.knownBefore.add(why);
    const reason = EVICTED.has(why) ? 'spool_evicted' : why;
    if (rows > 0) this.lostHere.add(reason, rows);
    if (packets > 0) this.dropped.add(reason, packets);
  }

  /** Every record for which there is a reason is lost. `total`: records that the spool has lost; nothing is done where it is as before. */
  noteLost(total: number, whyOf: (number: number) => string): void {
    if (total === this.noted) return;
    this.noted = total;
    for (const number of this.held.keys()) {
      const why = whyOf(number);
      if (why !== '') this.lose(number, why);
    }
  }

  /** The record, which has left the spool, is not understood. */
  unknown({ rows, packets }: Held): void {
    const isBefore = rows === 0 && packets === 0;
    if (isBefore) this.beforeRead++;
    if (isBefore || rows > 0) this.lostHere.add('spool_record_unknown', isBefore ? 1 : rows);
    if (packets > 0) this.dropped.add('spool_record_unknown', packets);
  }
}
