/**
 * Sequence numbers by flow (TCP bytes, SCTP chunks), bounded. A flow that was forgotten goes on above every
 * number given to a forgotten flow: readers see a gap, which they pass over, and never a repetition, which they drop.
 */

const FIRST_NUMBER = 1;

export class FlowNumbers {
  private readonly next = new Map<string, number>();
  private start = FIRST_NUMBER;

  constructor(private readonly maxFlows: number) {}

  /** The flow's number now; it moves on by `step`. */
  take(flow: string, step: number): number {
    const number = this.peek(flow);
    // Taken out and put back at the end: the first of the map is the one unused for longest.
    this.next.delete(flow);
    if (this.next.size >= this.maxFlows) this.forgetOldest();
    this.next.set(flow, (number + step) % 0x1_0000_0000);
    return number;
  }

  has(flow: string): boolean {
    return this.next.has(flow);
  }

  /** The number that the flow's next `take` gives. */
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
