/** Readiness and watchdog for systemd through its own `systemd-notify`; nothing happens where systemd did not start us. */
import { execFile } from 'node:child_process';
import type { Log } from '../base/index.js';

export class Systemd {
  private timer: NodeJS.Timeout | null = null;
  private readonly isWatched: boolean;

  constructor(private readonly environment: Readonly<Record<string, string | undefined>>, private readonly log: Log) {
    this.isWatched = environment.NOTIFY_SOCKET !== undefined && environment.NOTIFY_SOCKET !== '';
  }

  ready(status: string): void {
    this.notify(['--ready', `--status=${status}`]);
    const microseconds = Number(this.environment.WATCHDOG_USEC ?? 0);
    if (!this.isWatched || !(microseconds > 0)) return;
    this.timer = setInterval(() => this.notify(['WATCHDOG=1']), microseconds / 2000);
    this.timer.unref();
  }

  reloading(): void {
    this.notify(['--reloading']);
  }

  stopping(): void {
    if (this.timer !== null) clearInterval(this.timer);
    this.notify(['--stopping']);
  }

  private notify(args: readonly string[]): void {
    if (!this.isWatched) return;
    execFile('systemd-notify', [`--pid=${process.pid}`, ...args], (error) => {
      if (error !== null) this.log.warn(`systemd-notify: ${error.message}`);
    });
  }
}
