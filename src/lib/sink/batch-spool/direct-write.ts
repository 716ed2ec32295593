/** Writes of batches to the database that may exceed the write timeout. */
import type { StoreBatch, StoreDriver, WriteOutcome } from '../../base/index.js';

/** Outcomes after which a batch needs no other write. */
export type FinalOutcome = Extract<WriteOutcome, { outcome: 'stored' | 'known' }>;

export class DirectWrite {
  readonly answer: Promise<WriteOutcome>;
  private outcome: WriteOutcome | null = null;

  /** The driver recognises the batch by the object: it is written again unchanged, and through the same driver. */
  constructor(
    readonly driver: StoreDriver,
    readonly batch: StoreBatch,
  ) {
    this.answer = driver.write(batch).then((outcome) => (this.outcome = outcome));
  }

  /** Null while pending, and if the batch has to be written again. */
  get final(): FinalOutcome | null {
    const { outcome } = this;
    return outcome !== null && (outcome.outcome === 'stored' || outcome.outcome === 'known') ? outcome : null;
  }
}

/** The batch of the spool that is being stored. */
export interface InHand {
  /** Number of its record; 0 if the spool evicted it. */
  number: number;
  batch: StoreBatch;
  rows: number;
  /** Its earlier direct write. */
  write: DirectWrite | null;
}

/** Writes whose batches were also spooled, by the number of their record. */
export class LateWrites {
  private readonly writes = new Map<number, DirectWrite>();

  add(number: number, write: DirectWrite): void {
    this.writes.set(number, write);
  }

  has(number: number): boolean {
    return this.writes.has(number);
  }

  take(number: number): DirectWrite | null {
    const write = this.writes.get(number) ?? null;
    this.writes.delete(number);
    return write;
  }

  /** Number of the oldest one if it is before `number`, else 0. */
  oldestBefore(number: number): number {
    const [oldest] = this.writes.keys();
    return oldest !== undefined && oldest < number ? oldest : 0;
  }
}
