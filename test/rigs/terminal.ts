/** Our program on a real terminal of its own (a pty that util-linux' script makes), of the size that a test requests. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { root } from './sipcap.js';

const ESCAPE = '\u001b';
const CLEAR = `${ESCAPE}[H${ESCAPE}[2J`;
const COLOURS = new RegExp(`${ESCAPE}\\[[0-9;?]*[A-Za-z]`, 'g');

/** Without colours and other control sequences. */
export const plain = (text: string) => text.replace(COLOURS, '');

export const hasTerminal = spawnSync('script', ['--version']).status === 0;

const open = new Set<ChildProcess>();
process.on('exit', closeTerminals);

/** Ends processes left behind by a failed test; for `afterAll`. */
export function closeTerminals(): void {
  for (const child of open) child.kill('SIGKILL');
}

export interface Terminal {
  /** Everything that was printed so far, with its control sequences. */
  printed(): string;
  /** The screen after each redraw, without colours; the last one is the current one. */
  screens(): string[];
  resize(columns: number): void;
  /** As typed. */
  type(keys: string): void;
  ended: Promise<{ code: number | null }>;
}

export function onTerminal(args: readonly string[], { columns = 100, rows = 24 } = {}, env: Record<string, string> = {}): Terminal {
  const quoted = [process.execPath, join(root, 'bin/run.js'), ...args].map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
  const child = spawn('script', ['-qefc', `stty cols ${columns} rows ${rows}; tty; exec ${quoted}`, '/dev/null'], {
    cwd: root,
    env: { ...process.env, SIPCAP_DB: undefined, TERM: 'xterm', SHELL: '/bin/sh', ...env },
  });
  open.add(child);
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  const printed = () => Buffer.concat(chunks).toString('utf8').replaceAll('\r\n', '\n');
  return {
    printed,
    screens: () => printed().split(CLEAR).slice(1).map(plain),
    resize: (size) => {
      const device = /^(\/dev\/pts\/\d+)$/m.exec(printed())![1];
      spawnSync('stty', ['-F', device, 'cols', String(size)]);
    },
    type: (keys) => child.stdin.write(keys),
    ended: new Promise((done) =>
      child.on('close', (code) => {
        open.delete(child);
        done({ code });
      }),
    ),
  };
}
