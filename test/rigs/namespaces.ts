/**
 * A veth pair between two network namespaces of our own: one end is the mirror port, the other sends. Nothing leaves
 * the namespaces, so addresses may be those of documentation.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root, type Ended, type Running } from './sipcap.js';
import { pcap } from './capture-files.js';

export const FAR_ADDRESS = '192.0.2.2';
export const NEAR_ADDRESS = '192.0.2.1';

/** Why these tests cannot run here, '' where they can. */
export function whyNot(): string {
  if (process.getuid!() !== 0) return 'needs root';
  const name = `sc${process.pid}t`;
  if (spawnSync('ip', ['netns', 'add', name]).status !== 0) return 'needs ip netns';
  spawnSync('ip', ['netns', 'del', name]);
  for (const tool of ['gcc', 'tcpdump']) if (spawnSync(tool, ['--version']).error !== undefined) return `needs ${tool}`;
  if (!existsSync(join(root, 'node_modules/pcap/build/Release/pcap_binding.node'))) return 'needs the optional package pcap';
  return '';
}

let pairs = 0;

export class VethPair {
  /** Namespaces; the interface of each has the namespace's name. */
  readonly near: string;
  readonly far: string;
  private readonly folder = mkdtempSync(join(tmpdir(), 'sipcap-live-'));
  private readonly children = new Set<{ kill(signal: NodeJS.Signals): boolean }>();

  constructor() {
    const name = `sc${process.pid}${String.fromCharCode(97 + pairs++)}`;
    this.near = `${name}0`;
    this.far = `${name}1`;
    for (const namespace of [this.near, this.far]) {
      ip('netns', 'add', namespace);
      ip('-n', namespace, 'link', 'set', 'lo', 'up');
    }
    this.link();
    execFileSync('gcc', ['-O2', '-o', this.path('frameblast'), join(root, 'bench/load/frameblast.c')]);
  }

  /** Creates the pair, with static neighbours so that only the test sends packets. */
  link(): void {
    const { near, far } = this;
    ip('-n', near, 'link', 'add', near, 'type', 'veth', 'peer', 'name', far, 'netns', far);
    for (const [namespace, address] of [
      [near, NEAR_ADDRESS],
      [far, FAR_ADDRESS],
    ] as const) {
      execFileSync('ip', ['netns', 'exec', namespace, 'sh', '-c', `echo 1 > /proc/sys/net/ipv6/conf/${namespace}/disable_ipv6`]);
      ip('-n', namespace, 'addr', 'add', `${address}/24`, 'dev', namespace);
      ip('-n', namespace, 'link', 'set', namespace, 'up');
    }
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  /** Sends unmodified frames from the far end; returns how many were sent. */
  send(frames: readonly Buffer[], options: { count?: number; rate?: number } = {}): number {
    const logged = execFileSync('ip', ['netns', 'exec', this.far, ...this.sender(frames, options)], { encoding: 'utf8' });
    return (JSON.parse(logged) as { sent: number }).sent;
  }

  /** The same, asynchronously. */
  async sendLater(frames: readonly Buffer[], options: { count?: number; rate?: number } = {}): Promise<number> {
    const [command, ...args] = this.sender(frames, options);
    const { stdout } = await this.start(this.far, command, args).ended;
    return (JSON.parse(stdout) as { sent: number }).sent;
  }

  /** Starts a program in one of the namespaces. */
  start(namespace: string, command: string, args: readonly string[], env: Record<string, string> = {}): Running {
    const child = spawn('ip', ['netns', 'exec', namespace, command, ...args], {
      cwd: this.folder,
      env: { ...process.env, SIPCAP_DB: undefined, ...env },
    });
    this.children.add(child);
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    const text = (chunks: Buffer[]) => Buffer.concat(chunks).toString('utf8');
    const ended = new Promise<Ended>((done) => {
      child.on('close', (code, signal) => {
        this.children.delete(child);
        done({ stdout: text(stdout), stderr: text(stderr), code, signal });
      });
    });
    return { child, ended, logged: () => text(stderr), shown: () => text(stdout) };
  }

  /** Our program in the near namespace. */
  sipcap(...args: string[]): Running {
    return this.start(this.near, process.execPath, [join(root, 'bin/run.js'), ...args]);
  }

  private sender(frames: readonly Buffer[], { count = frames.length, rate = 0 }: { count?: number; rate?: number }): string[] {
    const file = this.path('frames.pcap');
    writeFileSync(file, pcap({ records: frames.map((bytes) => ({ seconds: 0, fraction: 0, bytes })) }));
    return [this.path('frameblast'), '-i', this.far, '-f', file, '-n', String(count), '-r', String(rate)];
  }

  remove(): void {
    for (const child of this.children) child.kill('SIGKILL');
    for (const namespace of [this.near, this.far]) spawnSync('ip', ['netns', 'del', namespace]);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export function ip(...args: string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resume) => setTimeout(resume, milliseconds));
}
