/** The load generator and the sink (C, compiled here when needed), and CPU and memory of a process. Loopback only. */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));

/** Path of a compiled tool. */
export function tool(name) {
  const source = here(`load/${name}.c`);
  const built = here(`.peers/${name}`);
  if (!existsSync(built) || statSync(built).mtimeMs < statSync(source).mtimeMs) {
    mkdirSync(here('.peers'), { recursive: true });
    execFileSync('cc', ['-O2', '-w', '-o', built, source]);
  }
  return built;
}

/** Starts the program; resolves when it reports that it is listening. */
export async function startProgram(args, listening = 1, isShown = false) {
  const child = spawn(process.execPath, args, { stdio: ['ignore', isShown ? 'pipe' : 'ignore', 'pipe'] });
  let said = '';
  let printed = '';
  child.stdout?.on('data', (chunk) => (printed += chunk));
  child.stderr.on('data', (chunk) => (said += chunk));
  for (let waited = 0; (said.match(/listening on/g) ?? []).length < listening; waited += 50) {
    if (waited > 30_000) throw new Error(`it does not listen: ${said}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    child,
    said: () => said,
    shown: new Promise((resolve) => child.on('close', () => resolve(printed))),
    ended: new Promise((resolve) => child.on('close', () => resolve(said))),
  };
}

/** Seconds of CPU that a process has used so far. */
export function cpuSeconds(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Seconds of CPU of a process and its children, ended and running. */
export function treeCpuSeconds(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1].split(' ');
  const own = fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / 100;
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').split(' ').filter(Boolean);
  return children.reduce((sum, child) => sum + (existsSync(`/proc/${child}`) ? treeCpuSeconds(child) : 0), own);
}

/** Seconds of CPU of the children of this process that ended. */
export function endedChildrenCpuSeconds() {
  const fields = readFileSync('/proc/self/stat', 'latin1').split(') ')[1].split(' ');
  return (Number(fields[13]) + Number(fields[14])) / 100;
}

/** Resident megabytes. */
export function residentMegabytes(pid) {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))[1]) / 1024;
}

/** Sends HEPv3 at a given rate; resolves to the number of packets sent. */
export function blast(port, packetsPerSecond, seconds, more = []) {
  return new Promise((resolve, reject) => {
    const child = spawn(tool('hepblast'), ['-d', `127.0.0.1:${port}`, '-r', String(packetsPerSecond), '-t', String(seconds), ...more], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let text = '';
    child.stdout.on('data', (chunk) => (text += chunk));
    child.stderr.on('data', (chunk) => (text += chunk));
    child.on('close', (code) => {
      const sent = /"sent":(\d+)/.exec(text);
      if (code !== 0 || sent === null) reject(new Error(`hepblast: ${text}`));
      else resolve(Number(sent[1]));
    });
  });
}

/** Sequence numbers of warm-up packets begin here. */
export const WARM_UP_FROM = 9_000_000;

/** Counts what arrives at a port until it has been idle for a second and a half. */
export function sink(port) {
  const child = spawn(tool('hepsink'), [String(port), '1500', String(WARM_UP_FROM)], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (chunk) => (text += chunk));
  return new Promise((resolve) => child.on('close', () => resolve(JSON.parse(text))));
}
