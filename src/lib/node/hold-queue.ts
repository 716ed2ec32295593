/** Packets that wait while a node goes over to other outputs: bounded, in order. */

/** Packets that wait; what comes beyond is lost, and counted. */
const MAX_HELD = 50_000;

export class HoldQueue {
  private held: (() => void)[] | null = null;

  /** `onLost` is called for each that does not fit. */
  constructor(private readonly onLost: () => void) {}

  get isHolding(): boolean {
    return this.held !== null;
  }

  /** From now on they wait. */
  hold(): void {
    this.held ??= [];
  }

  add(deliver: () => void): void {
    if (this.held!.length >= MAX_HELD) this.onLost();
    else this.held!.push(deliver);
  }

  /** Delivers what waited, and continues. */
  release(): void {
    const { held } = this;
    this.held = null;
    for (const deliver of held ?? []) deliver();
  }
}
