/**
 * The transmission numbers seen in an SCTP direction (RFC 9260 section 6.2). A number far from all others opens a window of
 * its own: a forged or damaged one does not make those after it look like retransmissions.
 */

/** How far back from the newest transmission retransmissions are recognised. */
const WINDOW = 1024;

class Window {
  private readonly seen = new Uint8Array(WINDOW);

  constructor(private newest: number) {
    this.seen[newest & (WINDOW - 1)] = 1;
  }

  holds(transmission: number): boolean {
    return Math.abs((transmission - this.newest) | 0) < WINDOW;
  }

  isNew(transmission: number): boolean {
    for (; ((transmission - this.newest) | 0) > 0; this.seen[this.newest & (WINDOW - 1)] = 0) this.newest = (this.newest + 1) | 0;
    const at = transmission & (WINDOW - 1);
    if (this.seen[at] === 1) return false;
    this.seen[at] = 1;
    return true;
  }
}

export class TransmissionWindow {
  private current: Window | null = null;
  private other: Window | null = null;

  /** Marks a transmission number as seen; false if it was before. */
  isNew(transmission: number): boolean {
    if (this.current?.holds(transmission) !== true) {
      const former = this.current;
      this.current = this.other;
      this.other = former;
      if (this.current?.holds(transmission) !== true) {
        this.current = new Window(transmission);
        return true;
      }
    }
    return this.current.isNew(transmission);
  }
}
