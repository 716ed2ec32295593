/** One account of everything that streams hold of incomplete messages, frames included; the oldest holder is evicted. */
import { LinkedList, type LinkedEntry } from '../base/index.js';

export interface Holder extends LinkedEntry<Holder> {
  /** Bytes in the account; 0 if not in it. */
  accountedBytes: number;
  /** Drops what is held, and counts it. */
  giveUp(): void;
}

const MAX_BYTES = 48 * 1024 * 1024;

export class HoldAccount {
  private readonly holders = new LinkedList<Holder>();
  private sum = 0;

  constructor(private readonly maxBytes = MAX_BYTES) {}

  get bytes(): number {
    return this.sum;
  }

  /** Sets what a holder holds now; 0 removes it. */
  set(holder: Holder, bytes: number): void {
    const before = holder.accountedBytes;
    if (before === 0 && bytes > 0) this.holders.link(holder);
    else if (before > 0 && bytes === 0) this.holders.unlink(holder);
    holder.accountedBytes = bytes;
    this.sum += bytes - before;
    while (this.sum > this.maxBytes) {
      const { oldest } = this.holders;
      if (oldest === null) return;
      oldest.giveUp();
      this.set(oldest, 0);
    }
  }
}
