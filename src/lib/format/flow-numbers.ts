/**
 * Sequence numbers by flow (TCP bytes, SCTP chunks), bounded. An evicted flow resumes above every
 * number given to an evicted flow: readers see a gap, which they skip, and never a repetition, which they drop.
 */

const FIRST_NUMBER = 1;

export class FlowNumbers {
  private readonly next = new Map<string, number>();
  private start = FIRST_NUMBER;

  constructor(private readonly maxFlows: number) {}

  /** The flow's current number; it advances by `step`. */
  take(flow: string, step: number): number {
    const number = this.peek(flow);
    // Removed and appended again: the first of the map is the least recently used.
    this.next.delete(flow);
    if (this.next.size >= this.maxFlows) this.forgetOldest();
    this.next.set(flow, (number + step) % 0x1_0000_0000);
    return number;
  }

  has(flow: string): boolean {
    return this.next.has(flow);
  }

  /** The number that the flow's next `take` returns. */
  peek(flow: string): number {
    return this.next.get(flow) ?? this.start;
  }

  private forgetOldest(): void {
    for (const [flow, number] of this.next) {
      this.start = Math.max(this.start, number);
      this.next.delete(flow);
      return;
    }
  }
}
