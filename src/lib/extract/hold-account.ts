/** One account of everything that streams hold of unfinished messages, their frames included; the one that has held longest gives way. */
import { LinkedTable, type LinkedEntry } from '../base/index.js';

export interface Holder {
  /** Drops what is held, and counts it. */
  giveUp(): void;
}

const MAX_BYTES = 64 * 1024 * 1024;

class Hold implements LinkedEntry<Hold> {
  older: Hold | null = null;
  newer: Hold | null = null;
  bytes = 0;

  constructor(readonly key: Holder) {}
}

export class HoldAccount {
  private readonly holds = new LinkedTable<Holder, Hold>();
  private sum = 0;

  constructor(private readonly maxBytes = MAX_BYTES) {}

  get bytes(): number {
    return this.sum;
  }

  /** What a holder holds now; 0 where it is nothing any more. */
  set(holder: Holder, bytes: number): void {
    let hold = this.holds.get(holder);
    if (bytes === 0) {
      if (hold === undefined) return;
      this.holds.delete(hold);
      this.sum -= hold.bytes;
      return;
    }
    if (hold === undefined) {
      hold = new Hold(holder);
      this.holds.add(hold);
    }
    this.sum += bytes - hold.bytes;
    hold.bytes = bytes;
    while (this.sum > this.maxBytes) {
      const { oldest } = this.holds;
      if (oldest === null) return;
      oldest.key.giveUp();
      this.set(oldest.key, 0);
    }
  }
}
