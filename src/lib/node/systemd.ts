/**
 * Readiness and watchdog for systemd (sd_notify(3)) through its own `systemd-notify`, in assignments that each version of it
 * takes, one after the other; nothing happens where systemd did not start us.
 */
import { execFile } from 'node:child_process';
import type { Log } from '../base/index.js';

export class Systemd {
  private timer: NodeJS.Timeout | null = null;
  private readonly isWatched: boolean;
  private reported: Promise<void> = Promise.resolve();

  constructor(
    private readonly environment: Readonly<Record<string, string | undefined>>,
    private readonly log: Log,
  ) {
    this.isWatched = environment.NOTIFY_SOCKET !== undefined && environment.NOTIFY_SOCKET !== '';
  }

  ready(status: string): void {
    this.notify('READY=1', `STATUS=${status}`, `MAINPID=${process.pid}`);
    const microseconds = Number(this.environment.WATCHDOG_USEC ?? 0);
    if (!this.isWatched || !(microseconds > 0)) return;
    if (this.timer !== null) clearInterval(this.timer);
    this.timer = setInterval(() => this.notify('WATCHDOG=1'), microseconds / 2000);
    this.timer.unref();
  }

  reloading(): void {
    this.notify('RELOADING=1');
  }

  stopping(): void {
    if (this.timer !== null) clearInterval(this.timer);
    this.notify('STOPPING=1');
  }

  private notify(...words: string[]): void {
    if (!this.isWatched) return;
    this.reported = this.reported.then(
      () =>
        new Promise((done) => {
          execFile('systemd-notify', words, (error) => {
            if (error !== null) this.log.warn(`systemd-notify: ${error.message}`);
            done();
          });
        }),
    );
  }
}
