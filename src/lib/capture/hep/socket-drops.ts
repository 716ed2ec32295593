/**
 * Datagrams that the kernel dropped because a socket's buffer was full: column `drops` of /proc/net/udp and
 * /proc/net/udp6 (proc(5)). Addresses are printed there as 32-bit words in the machine's byte order.
 */
import { readFile } from 'node:fs/promises';
import { isIPv6 } from 'node:net';
import { endianness } from 'node:os';
import { parseAddress } from '../../base/index.js';

/** Drops so far of the UDP socket bound to address and port; 0 where the system does not report them. */
export async function socketDrops(address: string, port: number): Promise<number> {
  const table = await readFile(isIPv6(address) ? '/proc/net/udp6' : '/proc/net/udp', 'latin1').catch(() => '');
  return dropsIn(table, address, port);
}

/** Sum over the sockets of the table that are bound to address and port. */
export function dropsIn(table: string, address: string, port: number, littleEndian = endianness() === 'LE'): number {
  const local = `${addressWords(address, littleEndian)}:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  let drops = 0;
  for (const line of table.split('\n')) {
    const cells = line.trim().split(/\s+/);
    if (cells[1] === local) drops += Number(cells[cells.length - 1]) || 0;
  }
  return drops;
}

function addressWords(address: string, littleEndian: boolean): string {
  const bytes = parseAddress(address);
  if (bytes === null) return '';
  const words = littleEndian ? Buffer.from(bytes).swap32() : bytes;
  return words.toString('hex').toUpperCase();
}
