/**
 * What the kernel has taken for a TCP connection and the other side's kernel has not acknowledged (Linux:
 * column tx_queue of /proc/net/tcp and tcp6). Node has no call for it.
 */
import { readFile } from 'node:fs/promises';

/** -1 where it cannot be told. */
export async function unacknowledgedBytes(localPort: number, remotePort: number): Promise<number> {
  let most = -1;
  for (const path of ['/proc/self/net/tcp', '/proc/self/net/tcp6']) {
    const table = await readFile(path, 'latin1').catch(() => '');
    most = Math.max(most, unacknowledgedIn(table, localPort, remotePort));
  }
  return most;
}

/** The largest queue of the connections with these ports (addresses are not told apart), -1 where there is none. */
export function unacknowledgedIn(table: string, localPort: number, remotePort: number): number {
  const rows = new RegExp(`:${hexPort(localPort)} [0-9A-F]+:${hexPort(remotePort)} [0-9A-F]{2} ([0-9A-F]{8}):`, 'g');
  let most = -1;
  for (const [, queue] of table.matchAll(rows)) most = Math.max(most, parseInt(queue, 16));
  return most;
}

function hexPort(port: number): string {
  return port.toString(16).toUpperCase().padStart(4, '0');
}
