/** Warns about the undelivered backlog of a closed output, and how it will be delivered. */
import type { Log } from '../../base/index.js';
import type { Output } from './output.js';

/** `done`: it was closed before its deadline. */
export function warnOfWaiting(log: Log, { name, relay, spool = '' }: Output, waiting: number, done: boolean): void {
  if (waiting === 0) return;
  if (relay !== undefined && spool !== '')
    log.warn(`${waiting} packets for ${name} wait in ${spool}: the next relay to it sends them, or --drain`);
  else if (!done)
    log.warn(
      `${name}: ${waiting} messages were not delivered before the deadline${spool === '' ? '' : '; what is in the spool stays there'}`,
    );
}
