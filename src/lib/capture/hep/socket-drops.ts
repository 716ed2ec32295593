/** The kernel's drop counter of a UDP socket: the last column of /proc/net/udp and udp6 (Linux; elsewhere 0). */
import { readFile } from 'node:fs/promises';

const LOCAL_ADDRESS = 1;

export async function socketDrops(port: number, isIpv6: boolean): Promise<number> {
  const table = await readFile(isIpv6 ? '/proc/net/udp6' : '/proc/net/udp', 'latin1').catch(() => '');
  return dropsIn(table, port);
}

/** Sum over the sockets bound to that port. */
export function dropsIn(table: string, port: number): number {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  let drops = 0;
  for (const line of table.split('\n').slice(1)) {
    const fields = line.trim().split(/\s+/);
    if (fields.length > LOCAL_ADDRESS && fields[LOCAL_ADDRESS].endsWith(wanted)) drops += Number(fields[fields.length - 1]) || 0;
  }
  return drops;
}
