/** Child processes that run our TypeScript, to be killed. */
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import type { Readable } from 'node:stream';

export class Child {
  /** Lines of its standard output so far, and all of its standard error. */
  lines: string[] = [];
  errors = '';
  private readonly process: ChildProcessByStdio<null, Readable, Readable>;

  /** `script` relative to the project's root; `wrapper` is a command that runs it, such as `unshare`. */
  constructor(script: string, args: string[], wrapper: string[] = []) {
    const command = [
      ...wrapper,
      process.execPath,
      '--import',
      resolve('test/sink/spool/typescript-register.mjs'),
      resolve(script),
      ...args,
    ];
    this.process = spawn(command[0], command.slice(1), { stdio: ['ignore', 'pipe', 'pipe'] });
    let rest = '';
    this.process.stdout.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop()!;
      this.lines.push(...lines);
    });
    this.process.stderr.setEncoding('utf8').on('data', (text: string) => (this.errors += text));
  }

  get ended(): boolean {
    return this.process.exitCode !== null || this.process.signalCode !== null;
  }

  /** SIGKILL, and waits for the end. */
  async kill(): Promise<void> {
    if (this.ended) return;
    const closed = once(this.process, 'close');
    this.process.kill('SIGKILL');
    await closed;
  }

  async end(): Promise<number> {
    if (!this.ended) await once(this.process, 'close');
    return this.process.exitCode ?? -1;
  }
}
