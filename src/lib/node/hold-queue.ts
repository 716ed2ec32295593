/** Packets held while a node switches outputs: bounded, in order. */

/** Maximum of held packets; further ones are lost, and counted. */
const MAX_HELD = 50_000;

export class HoldQueue {
  private held: (() => void)[] | null = null;

  /** `onLost` is called for each that does not fit. */
  constructor(private readonly onLost: () => void) {}

  get isHolding(): boolean {
    return this.held !== null;
  }

  /** Starts holding packets. */
  hold(): void {
    this.held ??= [];
  }

  add(deliver: () => void): void {
    if (this.held!.length >= MAX_HELD) this.onLost();
    else this.held!.push(deliver);
  }

  /** Delivers the held packets, and continues. */
  release(): void {
    const { held } = this;
    this.held = null;
    for (const deliver of held ?? []) deliver();
  }
}
