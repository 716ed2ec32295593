/**
 * A load run inside a network namespace of its own, with a mirror port: the program runs itself again in there, so that every
 * socket of the run is on that namespace's loopback and nothing of the machine is touched. Needs root and ip netns.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pcap } from '../../rigs/capture-files.js';
import { root } from '../../rigs/sipcap.js';

export const NEAR_ADDRESS = '192.0.2.1';
/** Where frames for the node itself go; all others only pass its mirror port. */
export const NEAR_MAC = Buffer.from([2, 0, 0, 0, 0, 1]);
const VARIABLE = 'TEST_LONG_MIRROR';

/** The mirror port's names: the namespace of the far end, and the interfaces. */
export interface Mirror {
  near: string;
  far: string;
}

/** The interface of this namespace, which can be removed and made again. */
export interface MirrorPort {
  near: string;
  unlink(): void;
  link(): void;
}

/** Null where this process is not inside. */
export function mirrorHere(): MirrorPort | null {
  const made = process.env[VARIABLE];
  if (made === undefined) return null;
  const [near, far] = [`${made}n`, `${made}f`];
  const ip = (...args: string[]) => execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  return {
    near,
    unlink: () => ip('link', 'del', near),
    link() {
      ip('link', 'add', near, 'type', 'veth', 'peer', 'name', far, 'netns', far);
      ip('link', 'set', near, 'up');
      ip('-n', far, 'link', 'set', far, 'up');
    },
  };
}

/** True where a namespace can be made. */
export function canBeInside(): boolean {
  if (process.env[VARIABLE] !== undefined) return true;
  const name = `scl${process.pid}t`;
  if (process.getuid!() !== 0 || spawnSync('ip', ['netns', 'add', name]).status !== 0) return false;
  spawnSync('ip', ['netns', 'del', name]);
  return true;
}

/** The mirror where this process is inside already; else runs the program again inside, and exits with its code. */
export function inside(): Mirror {
  const made = process.env[VARIABLE];
  if (made !== undefined) return { near: `${made}n`, far: `${made}f` };
  const name = `scl${process.pid}`;
  const [near, far] = [`${name}n`, `${name}f`];
  const ip = (...args: string[]) => execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  if (process.getuid!() !== 0 || spawnSync('ip', ['netns', 'add', near]).status !== 0) {
    process.stderr.write('this run needs root and network namespaces (ip netns)\n');
    process.exit(2);
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {});
  try {
    ip('netns', 'add', far);
    ip('-n', near, 'link', 'add', near, 'type', 'veth', 'peer', 'name', far, 'netns', far);
    ip('-n', near, 'link', 'set', near, 'address', '02:00:00:00:00:01');
    for (const end of [near, far]) {
      ip('netns', 'exec', end, 'sh', '-c', `echo 1 > /proc/sys/net/ipv6/conf/${end}/disable_ipv6`);
      ip('-n', end, 'link', 'set', 'lo', 'up');
      ip('-n', end, 'link', 'set', end, 'up');
    }
    ip('-n', near, 'addr', 'add', `${NEAR_ADDRESS}/24`, 'dev', near);
    const args = ['netns', 'exec', near, process.execPath, ...process.execArgv, ...process.argv.slice(1)];
    process.exitCode = spawnSync('ip', args, { stdio: 'inherit', env: { ...process.env, [VARIABLE]: name } }).status ?? 1;
  } finally {
    for (const end of [near, far]) spawnSync('ip', ['netns', 'del', end]);
  }
  process.exit();
}

/** Sends frames into the mirror port, paced; resolves to how many were sent. */
export function sendFrames({ far }: Mirror, path: string, rate: number, limit: { count: number } | { seconds: number }): Promise<number> {
  const tool = join(root, 'bench/.peers/frameblast');
  const args = ['netns', 'exec', far, tool, '-i', far, '-f', path, '-r', String(rate)];
  args.push(...('count' in limit ? ['-n', String(limit.count)] : ['-t', String(limit.seconds)]));
  return new Promise((resolve, reject) => {
    const child = spawn('ip', args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
    child.on('close', (code) =>
      code === 0 ? resolve((JSON.parse(text) as { sent: number }).sent) : reject(new Error(`frameblast: ${text}`)),
    );
  });
}

export function compileSender(): void {
  mkdirSync(join(root, 'bench/.peers'), { recursive: true });
  execFileSync('cc', ['-O2', '-w', '-o', join(root, 'bench/.peers/frameblast'), join(root, 'bench/load/frameblast.c')]);
}

export function writeFrames(path: string, frames: readonly Buffer[]): void {
  writeFileSync(path, pcap({ records: frames.map((bytes) => ({ seconds: 0, fraction: 0, bytes })) }));
}
