/** The last sequences of one stream, each with a check of its content: a ring in order of arrival and an index into it. */

const FIRST_CAPACITY = 256;
const SPREAD = 0x9e3779b1;

export class SequenceWindow {
  private capacity = FIRST_CAPACITY;
  private sequences = new Float64Array(FIRST_CAPACITY);
  private checks = new Uint32Array(FIRST_CAPACITY);
  /** Position in the ring plus one, by hash; 0 is free. At most half full. */
  private index = new Int32Array(2 * FIRST_CAPACITY);
  private next = 0;
  private count = 0;

  constructor(private readonly most: number) {}

  /** Sequences that there is room for. */
  get room(): number {
    return this.capacity;
  }

  /** The check of a sequence, -1 if the window does not have it. */
  checkOf(sequence: number): number {
    const { index, sequences } = this;
    const mask = index.length - 1;
    for (let slot = hashOf(sequence) & mask; index[slot] !== 0; slot = (slot + 1) & mask) {
      const at = index[slot] - 1;
      if (sequences[at] === sequence) return this.checks[at];
    }
    return -1;
  }

  /** Adds a sequence that it does not have; the oldest gives way. */
  add(sequence: number, check: number): void {
    if (this.count === this.capacity) {
      if (this.capacity < this.most) this.grow();
      else this.remove(this.sequences[this.next]);
    }
    const at = this.next;
    this.sequences[at] = sequence;
    this.checks[at] = check;
    this.enter(sequence, at);
    this.next = (at + 1) % this.capacity;
    this.count++;
  }

  private enter(sequence: number, at: number): void {
    const { index } = this;
    const mask = index.length - 1;
    let slot = hashOf(sequence) & mask;
    while (index[slot] !== 0) slot = (slot + 1) & mask;
    index[slot] = at + 1;
  }

  /** Removes from the index; entries behind move up, so that no search ends too early. */
  private remove(sequence: number): void {
    const { index, sequences } = this;
    const mask = index.length - 1;
    let hole = hashOf(sequence) & mask;
    while (sequences[index[hole] - 1] !== sequence) hole = (hole + 1) & mask;
    for (let slot = (hole + 1) & mask; index[slot] !== 0; slot = (slot + 1) & mask) {
      const home = hashOf(sequences[index[slot] - 1]) & mask;
      if (((slot - home) & mask) < ((slot - hole) & mask)) continue;
      index[hole] = index[slot];
      hole = slot;
    }
    index[hole] = 0;
    this.count--;
  }

  /** The ring is full and begins at `next`. */
  private grow(): void {
    const { sequences, checks, capacity, next } = this;
    this.capacity = Math.min(this.most, capacity * 2);
    this.sequences = new Float64Array(this.capacity);
    this.checks = new Uint32Array(this.capacity);
    this.index = new Int32Array(2 * this.capacity);
    for (let i = 0; i < capacity; i++) {
      const from = (next + i) % capacity;
      this.sequences[i] = sequences[from];
      this.checks[i] = checks[from];
      this.enter(sequences[from], i);
    }
    this.next = capacity;
  }
}

/** Running numbers, and places in files, whose lower bits hardly differ. */
function hashOf(sequence: number): number {
  return Math.imul((sequence % 0x100000000) ^ Math.floor(sequence / 0x100000), SPREAD) >>> 7;
}
