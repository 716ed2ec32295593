/**
 * Bytes accepted by the kernel for a TCP connection and not acknowledged by the peer (Linux: column tx_queue of
 * /proc/net/tcp and tcp6, proc(5)): used without the addon, which queries the socket itself.
 */
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

const TABLES = ['/proc/self/net/tcp', '/proc/self/net/tcp6'];

/** -1 where unknown. */
export async function unacknowledgedBytes(localPort: number, remotePort: number): Promise<number> {
  const tables = await Promise.all(TABLES.map((path) => readFile(path, 'latin1').catch(() => '')));
  return Math.max(...tables.map((table) => unacknowledgedIn(table, localPort, remotePort)));
}

/** The same, blocking: for the moment in which a connection ends. */
export function unacknowledgedBytesNow(localPort: number, remotePort: number): number {
  return Math.max(...TABLES.map((path) => unacknowledgedIn(tableOf(path), localPort, remotePort)));
}

/** The largest queue of the connections with these ports (addresses are not compared), -1 where there is none. */
export function unacknowledgedIn(table: string, localPort: number, remotePort: number): number {
  const rows = new RegExp(`:${hexPort(localPort)} [0-9A-F]+:${hexPort(remotePort)} [0-9A-F]{2} ([0-9A-F]{8}):`, 'g');
  let largest = -1;
  for (const [, queue] of table.matchAll(rows)) largest = Math.max(largest, parseInt(queue, 16));
  return largest;
}

function tableOf(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

function hexPort(port: number): string {
  return port.toString(16).toUpperCase().padStart(4, '0');
}
