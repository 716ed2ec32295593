/**
 * How much may be on its way to a target without being known to have arrived. Usually there is no limit. After a connection
 * that broke and left it unknown what arrived there is, a quarter with each: a target that breaks again and again gets
 * little twice and is moved forward all the same. It grows with what the next connection brings across.
 */
const MAX_BYTES = 4 * 1024 * 1024;
const MIN_BYTES = 32 * 1024;
/** How long a target has to read what it acknowledged, once its connections break. */
const SHORT_GRACE_MS = 200;
/** The same after it has taken nothing for so long that the connection was given up: its kernel acknowledges what it does not read. */
const STALLED_GRACE_MS = 60_000;

export class SendWindow {
  bytes = Infinity;
  private first = MAX_BYTES;
  private hasStalled = false;

  constructor(private readonly usualGraceMs: number) {}

  get graceMs(): number {
    if (this.hasStalled) return Math.max(this.usualGraceMs, STALLED_GRACE_MS);
    return this.bytes === Infinity ? this.usualGraceMs : Math.min(this.usualGraceMs, SHORT_GRACE_MS);
  }

  /** A connection broke with something unconfirmed. */
  shrink(): void {
    this.first = Math.max(MIN_BYTES, this.first / 4);
    this.bytes = this.first;
  }

  /** A connection was given up because the target took nothing. */
  stalled(): void {
    this.hasStalled = true;
  }

  /** The connection in use has delivered that many bytes. */
  delivered(bytes: number): void {
    this.hasStalled = false;
    if (this.bytes === Infinity) return;
    this.bytes = Math.max(this.first, bytes / 2);
    if (this.bytes < MAX_BYTES) return;
    this.bytes = Infinity;
    this.first = MAX_BYTES;
  }
}
