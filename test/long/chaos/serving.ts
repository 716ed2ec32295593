/** A node under test: started, killed, reloaded, and queried by its metrics and its summary. */
import { writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { start, type Ended, type Running } from '../../rigs/sipcap.js';

const START_MS = 60_000;
/** A node stores what it can for 10 s by default, on a machine that is busy. */
const STOP_SECONDS = 30;

export interface Report {
  frames: { received: number; dropped: Record<string, number>; undecoded: number };
  messages: { found: number; rejected: Record<string, number> };
  sinks: {
    sink: string;
    written: number;
    refused: number;
    waiting: number;
    lost: number;
    unconfirmed?: number;
    reasons: Record<string, number>;
  }[];
  accounting_errors: string[];
}

export class Serving {
  private running: Running | null = null;
  /** Losses by reason of all lives that reported them, and what was wrong with their reports. */
  readonly dropped: Record<string, number> = {};
  readonly lost: Record<string, number> = {};
  readonly problems: string[] = [];
  /** Bytes of the log of the lives that ended, reports aside. */
  loggedBytes = 0;

  constructor(
    readonly name: string,
    private readonly file: string,
    private readonly metricsPort: number,
    private readonly log: (text: string) => void,
  ) {}

  get isUp(): boolean {
    return this.running !== null;
  }

  get pid(): number {
    return this.running!.child.pid!;
  }

  configure(text: string): void {
    writeFileSync(this.file, text);
  }

  /** Environment of the lives to come. */
  env: Record<string, string> = {};

  async start(): Promise<void> {
    const running = start(['serve', '-c', this.file, '--summary', 'json'], { env: this.env });
    this.running = running;
    void running.ended.then((ended) => {
      if (this.running === running) this.problems.push(`${this.name} ended by itself with ${ended.code ?? ended.signal}: ${tail(ended)}`);
    });
    for (let waited = 0; !running.logged().includes(`serving ${this.file}`); waited += 50) {
      if (waited > START_MS || running.child.exitCode !== null)
        throw new Error(`${this.name} did not start: ${running.logged().slice(-2000)}`);
      await sleep(50);
    }
  }

  signal(name: NodeJS.Signals): void {
    this.running!.child.kill(name);
  }

  /** What it last reported as dropped counts. */
  async kill(): Promise<void> {
    const { last } = this;
    await this.end('SIGKILL');
    if (last !== null) this.countDropped(last);
  }
  private last: Report | null = null;

  private countDropped({ frames }: Report): void {
    for (const [reason, count] of Object.entries(frames.dropped)) this.dropped[reason] = (this.dropped[reason] ?? 0) + count;
  }

  /** SIGTERM; its last report is checked. */
  async stop(): Promise<Report> {
    const began = performance.now();
    const ended = await this.end('SIGTERM');
    const seconds = (performance.now() - began) / 1000;
    if (seconds > STOP_SECONDS) this.problems.push(`${this.name} took ${seconds.toFixed(0)} s to stop: ${tail(ended)}`);
    const report = reports(ended.stderr).pop();
    if (ended.code !== 0 && ended.code !== 4) this.problems.push(`${this.name} ended with ${ended.code ?? ended.signal}: ${tail(ended)}`);
    if (report === undefined) throw new Error(`${this.name} printed no summary: ${tail(ended)}`);
    this.problems.push(...report.accounting_errors.map((law) => `${this.name}: ${law}`));
    this.countDropped(report);
    for (const { sink, lost } of report.sinks) {
      const output = sink.replace(/ \(closed\)$/, '');
      if (lost > 0) this.lost[output] = (this.lost[output] ?? 0) + lost;
    }
    return report;
  }

  /** The summary of this moment. */
  async report(): Promise<Report | null> {
    const { running } = this;
    if (running === null) return null;
    const before = reports(running.logged()).length;
    running.child.kill('SIGUSR1');
    for (let waited = 0; waited < 5000; waited += 20) {
      const now = reports(running.logged());
      if (now.length > before) return (this.last = now[now.length - 1]);
      await sleep(20);
    }
    return null;
  }

  /** Messages that only memory has; null where the node does not answer. */
  async inMemory(): Promise<number | null> {
    const text = await fetched(`http://127.0.0.1:${this.metricsPort}/metrics`);
    if (text === null) return null;
    return [...text.matchAll(/^sipcap_output_queue_messages\{.*\} (\d+)$/gm)].reduce((sum, [, count]) => sum + Number(count), 0);
  }

  /** What it logged, but for the reports. */
  private async end(signal: NodeJS.Signals): Promise<Ended> {
    const running = this.running!;
    this.running = null;
    this.last = null;
    running.child.kill(signal);
    const ended = await running.ended;
    const lines = ended.stderr.split('\n').filter((line) => line !== '' && !line.startsWith('{"inputs"'));
    for (const line of lines) this.loggedBytes += line.length + 1;
    for (const line of lines) this.log(`    ${this.name}: ${line}`);
    for (const line of lines)
      if (/internal error|accounting error|unhandled/i.test(line)) this.problems.push(`${this.name} logged: ${line}`);
    return ended;
  }
}

function reports(text: string): Report[] {
  return text
    .split('\n')
    .slice(0, -1)
    .filter((line) => line.startsWith('{"inputs"'))
    .map((line) => JSON.parse(line) as Report);
}

function tail({ stderr }: Ended): string {
  return stderr.slice(-1500);
}

function fetched(url: string): Promise<string | null> {
  return new Promise((resolve) => {
    const request = get(url, { timeout: 2000, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve(text)).on('error', () => resolve(null));
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(null));
  });
}

/** The outputs that no reload has closed. */
export function open({ sinks }: Report): Report['sinks'] {
  return sinks.filter(({ sink }) => !sink.endsWith(' (closed)'));
}

export function sum(counts: Record<string, number>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}
