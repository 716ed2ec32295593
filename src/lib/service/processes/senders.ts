/**
 * Which process serves which sender: a new address goes to the process with the fewest, and stays there over all its
 * connections, so that repeats meet the window that knows them and order is kept. The addresses heard of longest ago are
 * forgotten where there are too many.
 */

const MAX_SENDERS = 65_536;

export class Senders {
  private readonly places = new Map<string, number>();
  private readonly counts: number[];

  constructor(
    private readonly count: number,
    private readonly maxSenders = MAX_SENDERS,
  ) {
    this.counts = Array.from({ length: count }, () => 0);
  }

  /** `isUp`: whether a process takes connections; one that is down for long loses its senders to the others, if these are up. */
  placeOf(address: string, isUp: (index: number) => boolean = () => true): number {
    const known = this.places.get(address);
    if (known !== undefined) this.remove(address, known);
    const index = known !== undefined && isUp(known) ? known : (this.least(isUp) ?? known ?? this.least(() => true)!);
    this.places.set(address, index);
    this.counts[index]++;
    if (this.places.size > this.maxSenders) {
      const [oldest, place] = this.places.entries().next().value!;
      this.remove(oldest, place);
    }
    return index;
  }

  private least(isUp: (index: number) => boolean): number | undefined {
    let best: number | undefined;
    for (let index = 0; index < this.count; index++)
      if (isUp(index) && (best === undefined || this.counts[index] < this.counts[best])) best = index;
    return best;
  }

  private remove(address: string, index: number): void {
    this.places.delete(address);
    this.counts[index]--;
  }
}
