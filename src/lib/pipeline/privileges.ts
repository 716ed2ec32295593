/** `--user`: once the capture processes have what they need, the rest of the work is done without root. */
import { execFileSync } from 'node:child_process';
import { UsageError } from '../base/index.js';

/** What Node has and its type package leaves out. */
type WithGroups = NodeJS.Process & { initgroups(user: string, group: number): void };

/** Makes this process that user's, with their groups. */
export function dropTo(user: string): void {
  if (process.getuid?.() !== 0) throw new UsageError(`--user ${user} gives up root, and this is not root: leave it out`);
  let group: number;
  try {
    group = Number(execFileSync('id', ['-g', '--', user], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
  } catch {
    throw new UsageError(`--user ${user}: there is no such user`);
  }
  (process as WithGroups).initgroups(user, group);
  process.setgid!(group);
  process.setuid!(user);
}
