/** A program from its start to its end: wall time, CPU of its own, resident memory (by GNU time where there is one), output. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const program = fileURLToPath(new URL('../bin/run.js', import.meta.url));
const hasTime = spawnSync('/usr/bin/time', ['--version']).error === undefined;

/** `output`: return standard output as text; else it is discarded. */
export function measured(command, args, { output = false } = {}) {
  const options = {
    stdio: ['ignore', output ? 'pipe' : 'ignore', 'pipe'],
    encoding: 'utf8',
    maxBuffer: 1 << 30,
    env: { ...process.env, TERM: 'xterm', SIPCAP_DB: '' },
  };
  const began = process.hrtime.bigint();
  const ended = hasTime ? spawnSync('/usr/bin/time', ['-f', '%M %U %S', command, ...args], options) : spawnSync(command, args, options);
  const seconds = Number(process.hrtime.bigint() - began) / 1e9;
  const [kilobytes, user, system] = hasTime ? ended.stderr.trim().split('\n').at(-1).split(' ').map(Number) : [0, 0, 0];
  return {
    seconds,
    cpu: user + system,
    megabytes: Math.round(kilobytes / 1024),
    status: ended.status,
    stdout: ended.stdout ?? '',
    stderr: ended.stderr,
  };
}

export const sipcap = (args, options) => measured(process.execPath, [program, ...args], options);
