/**
 * Digits sent as telephone events (RFC 4733 section 2.3):
 *
 *   |     event     |E|R| volume    |          duration             |
 *
 * All packets of one event have the timestamp of its beginning.
 */

const EVENT_BYTES = 4;
const NAMES = '0123456789*#ABCD';
const MAX_DIGITS = 32;

export class TelephoneEvents {
  /** The first of them, in order; `!` is a hook flash. */
  digits = '';
  /** Events of any kind, including tones. */
  count = 0;
  private lastTimestamp = -1;

  add(bytes: Uint8Array, from: number, to: number, timestamp: number): void {
    if (to - from < EVENT_BYTES) return;
    const begun = timestamp >>> 0;
    if (begun === this.lastTimestamp) return;
    this.lastTimestamp = begun;
    this.count++;
    const event = bytes[from];
    const name = event === 16 ? '!' : (NAMES[event] ?? '');
    if (this.digits.length < MAX_DIGITS) this.digits += name;
  }
}
