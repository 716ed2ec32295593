/** How long a direct write is waited for before its batch is spooled as well. */
import { Pause } from '../batch/pause.js';

export class Patience {
  private readonly pauses = new Set<Pause>();

  constructor(private milliseconds: number) {}

  /** The answer, or null where it takes longer. */
  async within<T>(answer: Promise<T>): Promise<T | null> {
    const pause = new Pause();
    this.pauses.add(pause);
    try {
      return await Promise.race([answer, pause.wait(this.milliseconds).then(() => null)]);
    } finally {
      this.pauses.delete(pause);
      pause.wake();
    }
  }

  /** Writes in flight are not waited for any longer. */
  cutShort(): void {
    for (const pause of this.pauses) pause.wake();
  }

  /** Nor are later ones. */
  end(): void {
    this.milliseconds = 0;
    this.cutShort();
  }
}
