/**
 * How much may be in flight to a target without confirmation. Usually there is no limit. After a connection
 * that broke with an unknown part delivered there is one, a quarter with each: a target that breaks repeatedly gets
 * few duplicates and still makes progress. It grows with what the next connection delivers.
 */
const MAX_BYTES = 4 * 1024 * 1024;
const MIN_BYTES = 32 * 1024;
/** How long a target has to read what it acknowledged, once its connections break. */
const SHORT_GRACE_MS = 200;
/** The same after it accepted nothing for so long that the connection was given up: its kernel acknowledges what it does not read. */
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

  /** A connection was given up because the target accepted nothing. */
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
