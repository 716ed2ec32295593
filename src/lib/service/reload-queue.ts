/**
 * Reloads, one at a time. Requests that arrive while one runs share the next one, which reads the configuration when it begins:
 * a hundred signals are two reloads. Signals that arrive before the node serves are kept until it does.
 */
import type { Log } from '../base/index.js';

const STOPPING = 'the node is stopping';

export class ReloadQueue {
  private state: 'starting' | 'serving' | 'stopping' = 'starting';
  private isDue = false;
  private running: Promise<string> | null = null;
  private next: Promise<string> | null = null;

  /** `reload` resolves to '' when the configuration is applied, else to why the previous one stays. */
  constructor(
    private readonly reload: () => Promise<string>,
    private readonly log: Log,
  ) {
    process.on('SIGHUP', this.onSignal);
  }

  serve(): void {
    this.state = 'serving';
    if (this.isDue) this.inBackground();
  }

  /** No further reload begins. */
  end(): void {
    this.state = 'stopping';
  }

  release(): void {
    process.off('SIGHUP', this.onSignal);
  }

  /** What the reload that begins after this call resolves to. */
  request(): Promise<string> {
    if (this.running === null) return this.begin();
    this.next ??= this.running
      .catch(() => {})
      .then(() => {
        this.next = null;
        return this.begin();
      });
    return this.next;
  }

  private begin(): Promise<string> {
    if (this.state === 'stopping') return Promise.resolve(STOPPING);
    const running = this.reload().finally(() => (this.running = null));
    return (this.running = running);
  }

  private readonly onSignal = () => {
    if (this.state === 'starting') this.isDue = true;
    else this.inBackground();
  };

  private inBackground(): void {
    // Many signals share a reload: its failure is logged once.
    if (this.next !== null) return;
    this.request().catch((error: Error) => this.log.error(`internal error, reload: ${error.stack ?? error.message}`));
  }
}
