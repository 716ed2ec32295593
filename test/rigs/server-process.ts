/** The process of a private server: started until it responds, killed, stopped and continued. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 50;

export interface ServerProcess {
  folder: string;
  pid(): number;
  start(): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** SIGSTOP to all its processes, so that it does not respond; and SIGCONT. */
  freeze(): void;
  thaw(): void;
  /** Kills it and deletes its folder. */
  remove(): Promise<void>;
}

export interface ServerProgram {
  folder: string;
  command: [string, string[]];
  /** Throws while it does not respond. */
  ask(): Promise<unknown>;
  /** How long it may take until it responds. */
  startMs: number;
  /** How long processes that it forked keep its memory and port after it. */
  lingerMs?: number;
}

export function serverProcess({ folder, command: [program, args], ask, startMs, lingerMs = 0 }: ServerProgram): ServerProcess {
  let child: ChildProcess | null = null;
  const own: ServerProcess = {
    folder,
    pid: () => child!.pid!,
    async start() {
      child = spawn(program, args, { stdio: 'ignore', cwd: folder });
      for (let left = startMs; ; left -= POLL_MS) {
        try {
          await ask();
          return;
        } catch (error) {
          if (left <= 0) throw error;
          await sleep(POLL_MS);
        }
      }
    },
    async kill() {
      if (child === null) return;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
      child = null;
      await sleep(lingerMs);
    },
    freeze: () => signal(child, 'SIGSTOP'),
    thaw: () => signal(child, 'SIGCONT'),
    async remove() {
      await own.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return own;
}

/** To the server and the processes it forked. */
function signal(server: ChildProcess | null, name: NodeJS.Signals): void {
  const own = String(server!.pid);
  const children = readFileSync(`/proc/${own}/task/${own}/children`, 'utf8').split(' ').filter(Boolean);
  for (const pid of [own, ...children]) {
    // A helper process of the server may end at any moment.
    if (existsSync(`/proc/${pid}`)) process.kill(Number(pid), name);
  }
}
