/**
 * The transmission numbers seen in an SCTP direction (RFC 9260 section 6.2). A number far from all others opens a window of
 * its own: a forged or damaged one does not make those after it look like retransmissions.
 */

/** How far back from the newest transmission retransmissions are recognised. */
const WINDOW = 1024;

class Window {
  private readonly seen = new Uint8Array(WINDOW);
  private readonly digests = new Int32Array(WINDOW);

  constructor(private newest: number) {}

  holds(transmission: number): boolean {
    return Math.abs((transmission - this.newest) | 0) < WINDOW;
  }

  note(transmission: number, digest: number): Verdict {
    for (; ((transmission - this.newest) | 0) > 0; this.seen[this.newest & (WINDOW - 1)] = 0) this.newest = (this.newest + 1) | 0;
    const at = transmission & (WINDOW - 1);
    if (this.seen[at] === 1) return this.digests[at] === digest ? 'repeated' : 'contradicted';
    this.seen[at] = 1;
    this.digests[at] = digest;
    return 'new';
  }
}

/** `contradicted`: it was seen before, with other content. */
export type Verdict = 'new' | 'repeated' | 'contradicted';

export class TransmissionWindow {
  private current: Window | null = null;
  private other: Window | null = null;

  /** Marks a transmission number as seen, with the digest of its content. */
  note(transmission: number, digest: number): Verdict {
    if (this.current?.holds(transmission) !== true) {
      const former = this.current;
      this.current = this.other;
      this.other = former;
      if (this.current?.holds(transmission) !== true) {
        this.current = new Window(transmission);
      }
    }
    return this.current.note(transmission, digest);
  }
}
