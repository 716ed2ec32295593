/**
 * The byte of a stream from which on a target may not have read anything yet. Acknowledged means that the target's kernel has
 * the bytes; only a target that closes cleanly proves that it read them. While the connection is open, bytes count as
 * delivered when the target had time to read them, or when more has been acknowledged since than a kernel buffers.
 */
const MAX_MARKS = 256;

export class AckHistory {
  /** Bytes acknowledged at earlier checks, oldest first. */
  private marks: { atMs: number; acknowledged: number }[] = [];
  private delivered = 0;
  private last = 0;

  /** `peerBufferBytes`: the most that the other kernel may hold unread. */
  constructor(private readonly peerBufferBytes: number) {}

  /**
   * Takes what is acknowledged now and returns how many bytes count as delivered. `isPending`: some of what was sent is
   * not acknowledged; when that does not change between two checks, the target is not reading and its time restarts.
   */
  note(nowMs: number, acknowledged: number, isPending: boolean, graceMs: number): number {
    const { marks } = this;
    if (isPending && acknowledged === this.last) for (const mark of marks) mark.atMs = nowMs;
    if (acknowledged > this.last) {
      const newest = marks[marks.length - 1];
      // Checks close together share a mark, which then counts from the later one.
      if (newest !== undefined && marks.length >= MAX_MARKS) Object.assign(newest, { atMs: nowMs, acknowledged });
      else marks.push({ atMs: nowMs, acknowledged });
      this.last = acknowledged;
    }
    while (marks.length > 0 && nowMs - marks[0].atMs >= graceMs) this.delivered = marks.shift()!.acknowledged;
    this.delivered = Math.max(this.delivered, acknowledged - this.peerBufferBytes);
    return this.delivered;
  }
}
