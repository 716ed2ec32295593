/** Memory, descriptors and handles of a process over time, and how much they grow: a line through the second half of the samples. */
import { readFileSync, readdirSync } from 'node:fs';
import { get } from 'node:http';

export interface Sample {
  seconds: number;
  megabytes: number;
  descriptors: number;
  /** -1 where its metrics were not answered. */
  handles: number;
}

export class Watch {
  readonly samples: Sample[] = [];
  private readonly began = performance.now();
  private readonly timer: NodeJS.Timeout;

  constructor(pid: number, metricsPort: number, everyMs = 1000) {
    this.timer = setInterval(() => void this.sample(pid, metricsPort).catch(() => {}), everyMs);
  }

  private async sample(pid: number, metricsPort: number): Promise<void> {
    const seconds = (performance.now() - this.began) / 1000;
    const status = readFileSync(`/proc/${pid}/status`, 'latin1');
    const megabytes = Number(/VmRSS:\s+(\d+)/.exec(status)![1]) / 1024;
    const descriptors = readdirSync(`/proc/${pid}/fd`).length;
    const text = await fetched(`http://127.0.0.1:${metricsPort}/metrics`);
    const handles = /^sipcap_nodejs_active_handles_total(?:\{.*\})? (\d+)$/m.exec(text);
    this.samples.push({ seconds, megabytes, descriptors, handles: handles === null ? -1 : Number(handles[1]) });
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** Of each figure the least and the most in the second half, and its slope a minute. */
  report(): { text: string; minutes: number; highestMegabytes: number; megabytesGrown: number; descriptorsGrown: number } {
    const half = this.samples.filter(({ seconds }) => seconds >= this.samples.at(-1)!.seconds / 2);
    const minutes = (half.at(-1)!.seconds - half[0].seconds) / 60;
    const parts = (['megabytes', 'descriptors', 'handles'] as const).map((name) => {
      const list = half.filter((sample) => sample[name] >= 0);
      const values = list.map((sample) => sample[name]);
      return `${name} ${Math.min(...values).toFixed(0)} to ${Math.max(...values).toFixed(0)} (${slope(
        list.map(({ seconds }) => seconds / 60),
        values,
      ).toFixed(2)} a minute)`;
    });
    const grown = (name: 'megabytes' | 'descriptors') =>
      minutes *
      slope(
        half.map(({ seconds }) => seconds / 60),
        half.map((sample) => sample[name]),
      );
    const highestMegabytes = Math.max(...this.samples.map(({ megabytes }) => megabytes));
    return {
      text: parts.join(', '),
      minutes,
      highestMegabytes,
      megabytesGrown: grown('megabytes'),
      descriptorsGrown: grown('descriptors'),
    };
  }
}

/** Least squares. */
export function slope(x: readonly number[], y: readonly number[]): number {
  const mean = (list: readonly number[]) => list.reduce((sum, value) => sum + value, 0) / list.length;
  const [mx, my] = [mean(x), mean(y)];
  const above = x.reduce((sum, value, i) => sum + (value - mx) * (y[i] - my), 0);
  const below = x.reduce((sum, value) => sum + (value - mx) ** 2, 0);
  return below === 0 ? 0 : above / below;
}

function fetched(url: string): Promise<string> {
  return new Promise((resolve) => {
    const request = get(url, { timeout: 5000, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve(text)).on('error', () => resolve(''));
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(''));
  });
}
