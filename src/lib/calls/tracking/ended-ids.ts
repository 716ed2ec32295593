/** Call-IDs of recently ended calls, so that a late message does not look like a new call. Bounded by two generations. */

const GENERATION_MICROSECONDS = 64e6;
const MAX_GENERATION = 65_536;

export class EndedIds {
  private young = new Set<string>();
  private old = new Set<string>();
  private since = 0;

  add(callId: string, now: number): void {
    if (now - this.since > GENERATION_MICROSECONDS || this.young.size >= MAX_GENERATION) {
      this.old = now - this.since > 2 * GENERATION_MICROSECONDS ? new Set() : this.young;
      this.young = new Set();
      this.since = now;
    }
    this.young.add(callId);
  }

  has(callId: string): boolean {
    return this.young.has(callId) || this.old.has(callId);
  }
}
