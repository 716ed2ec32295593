/** Tells one process from a later one with the same number: its id and when it started. */
import { readFileSync } from 'node:fs';

export interface ProcessMark {
  pid: number;
  /** Clock ticks between boot and the process's start; '' where the system does not say. */
  startedAt: string;
}

export function ownMark(): ProcessMark {
  return { pid: process.pid, startedAt: startOf(process.pid) };
}

/** True while the very process that made the mark lives. */
export function isAlive(mark: ProcessMark): boolean {
  try {
    process.kill(mark.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  const started = startOf(mark.pid);
  return started === '' || mark.startedAt === '' || started === mark.startedAt;
}

/** Field 22 of /proc/PID/stat; the name in field 2 may hold blanks and brackets. A zombie counts as gone. */
function startOf(pid: number): string {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? 'gone' : fields[19];
  } catch {
    return '';
  }
}

export function markText(mark: ProcessMark): string {
  return `${mark.pid} ${mark.startedAt}\n`;
}

export function parseMark(text: string): ProcessMark | null {
  const match = /^(\d+) (\w*)\n$/.exec(text);
  return match === null ? null : { pid: Number(match[1]), startedAt: match[2] };
}
