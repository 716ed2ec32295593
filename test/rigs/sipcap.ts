/** Runs the built program as a user does. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '../..');
const program = join(root, 'bin/run.js');

export interface Ended {
  stdout: string;
  stderr: string;
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface Running {
  child: ChildProcess;
  /** The output on standard error so far. */
  logged(): string;
  shown(): string;
  ended: Promise<Ended>;
}

/** The environment without what the program would take for a setting of its own: the tests' variables. */
export const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('SIPCAP_TEST_')));

const running = new Set<ChildProcess>();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

/** Ends processes left behind by a failed test; for `afterAll`. */
export function killAll(): void {
  for (const child of running) child.kill('SIGKILL');
}

export function start(args: string[], options: { cwd?: string; env?: Record<string, string> } = {}): Running {
  const child = spawn(process.execPath, [program, ...args], {
    cwd: options.cwd ?? root,
    env: { ...environment, SIPCAP_DB: undefined, SIPCAP_CONFIG: '', ...options.env },
  });
  running.add(child);
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout!.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr!.on('data', (chunk: Buffer) => stderr.push(chunk));
  child.stdin!.on('error', () => {});
  const text = (chunks: Buffer[]) => Buffer.concat(chunks).toString('utf8');
  const ended = new Promise<Ended>((done) => {
    child.on('close', (code, signal) => {
      running.delete(child);
      done({ stdout: text(stdout), stderr: text(stderr), code, signal });
    });
  });
  return { child, ended, logged: () => text(stderr), shown: () => text(stdout) };
}

export function sipcap(args: string[], options: { cwd?: string; env?: Record<string, string>; input?: Buffer } = {}): Promise<Ended> {
  const running = start(args, options);
  running.child.stdin!.end(options.input);
  return running.ended;
}

/** NDJSON as a command prints it. */
export const jsonLines = (text: string) =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

/** The summary of a run with `--summary json`. */
export function summary(ended: Ended): Summary {
  const line = ended.stderr.split('\n').find((text) => text.startsWith('{'));
  if (line === undefined) throw new Error(`no sums in: ${ended.stderr}`);
  return JSON.parse(line) as Summary;
}

export interface Summary {
  files?: { name: string; packets: number; problem: string }[];
  frames: { received: number; dropped: Record<string, number>; no_message: Record<string, number>; partial: number; complete: number };
  messages: { found: number; filtered: Record<string, number>; rejected: Record<string, number>; delivered: number };
  sinks: { sink: string; delivered: number; written: number; refused: number; waiting: number; lost: number }[];
  notes: Record<string, number>;
  script_statistics: Record<string, number>;
  accounting_errors: string[];
}

export async function until(condition: () => boolean | Promise<boolean>, what: string, milliseconds = 15_000): Promise<void> {
  for (let waited = 0; !(await condition()); waited += 20) {
    if (waited > milliseconds) throw new Error(`waited in vain for ${what}`);
    await new Promise((resume) => setTimeout(resume, 20));
  }
}

export function temporaryFolder(): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'sipcap-test-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 }) };
}
