/** A progress bar on a terminal for work of more than a second, and nothing in a pipe. */
import type { Clock } from '../base/index.js';

const SHOW_AFTER_MS = 1000;
const REDRAW_MS = 200;

export interface Progress {
  stop(): void;
}

/** Draws `bytesRead` of `bytesTotal` on standard error while it is a terminal. */
export async function startProgress(
  clock: Clock,
  enabled: boolean,
  read: () => { bytesRead: number; bytesTotal: number; messages: number },
): Promise<Progress> {
  if (!enabled || !process.stderr.isTTY) return { stop() {} };
  const { default: cliProgress } = await import('cli-progress');
  const bar = new cliProgress.SingleBar(
    {
      format: '{bar} {percentage} % | {megabytes} MB | {messages} messages | {rate}/s | {eta_formatted} left',
      hideCursor: true,
      clearOnComplete: true,
      stream: process.stderr,
    },
    cliProgress.Presets.shades_classic,
  );
  const began = clock.monotonic();
  let started = false;
  const timer = setInterval(() => {
    const seconds = (clock.monotonic() - began) / 1000;
    if (seconds * 1000 < SHOW_AFTER_MS) return;
    const { bytesRead, bytesTotal, messages } = read();
    const payload = { megabytes: (bytesRead / 1e6).toFixed(1), messages, rate: Math.round(messages / seconds) };
    if (!started) bar.start(Math.max(bytesTotal, 1), bytesRead, payload);
    else bar.update(bytesRead, payload);
    started = true;
  }, REDRAW_MS);
  return {
    stop() {
      clearInterval(timer);
      if (started) bar.stop();
    },
  };
}
