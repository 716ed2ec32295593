/**
 * The kernel's view of an interface and of our packet socket on it. libpcap does not report to a poll loop that an
 * interface went down or disappeared: /proc/net/packet does (its columns: sk, RefCnt, Type, Proto, Iface, R, Rmem, User, Inode).
 */
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import type { LinkKind } from './filter-text.js';

export type SocketState = 'up' | 'down' | 'gone';

const IFACE = 4;
const RUNNING = 5;
const INODE = 8;
/** ARPHRD_ numbers (linux/if_arp.h) of links that begin with Ethernet, and of those that begin with IP. */
const ETHERNET_HARDWARE = [1, 772];
const IP_HARDWARE = [65534, 768, 769, 776, 778, 823, 519];
const IFF_UP = 1;

/** The state of the socket with this inode; one that is not listed is assumed `up`, as nothing is known. */
export function socketState(table: string, inode: string): SocketState {
  for (const line of table.split('\n')) {
    const columns = line.trim().split(/\s+/);
    if (columns[INODE] !== inode) continue;
    if (Number(columns[IFACE]) < 0) return 'gone';
    return columns[RUNNING] === '0' ? 'down' : 'up';
  }
  return 'up';
}

export function packetSocketTable(): string {
  return read('/proc/self/net/packet');
}

/** Inode of the packet socket among these descriptors of ours, '' if unknown. */
export function packetSocketOf(descriptors: readonly number[]): string {
  const listed = new Set(
    packetSocketTable()
      .split('\n')
      .map((line) => line.trim().split(/\s+/)[INODE]),
  );
  for (const descriptor of descriptors) {
    const inode = /^socket:\[(\d+)\]$/.exec(linkOf(`/proc/self/fd/${descriptor}`))?.[1];
    if (inode !== undefined && listed.has(inode)) return inode;
  }
  return '';
}

/** The descriptors that this process has open. */
export function openDescriptors(): number[] {
  try {
    // The one used to read the folder is closed by the time its link is read.
    return readdirSync('/proc/self/fd')
      .filter((name) => linkOf(`/proc/self/fd/${name}`) !== '')
      .map(Number);
  } catch {
    return [];
  }
}

/** Names of all interfaces that this network namespace has. */
export function interfaceNames(): string[] {
  return [...read('/proc/self/net/dev').matchAll(/^\s*([^\s:|]+):/gm)].map((match) => match[1]);
}

/** False if the interface certainly does not exist or is down. */
export function maybeUp(name: string): boolean {
  if (name === 'any') return true;
  if (!interfaceNames().includes(name)) return false;
  const flags = read(`/sys/class/net/${name}/flags`);
  return flags === '' || (Number(flags.trim()) & IFF_UP) !== 0;
}

/** The link layer of an interface, as far as the kernel reports it; else Ethernet. */
export function linkKindOf(name: string): LinkKind {
  if (name === 'any') return 'cooked';
  const hardware = read(`/sys/class/net/${name}/type`).trim();
  if (hardware === '' || ETHERNET_HARDWARE.includes(Number(hardware))) return 'ethernet';
  return IP_HARDWARE.includes(Number(hardware)) ? 'ip' : 'cooked';
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
