/**
 * IP addresses as text. Traffic repeats its addresses, so the text of each is made once and kept
 * (bounded: a flood of spoofed addresses empties the table instead of growing it).
 */
import { isIP } from 'node:net';
import { i32, u16 } from './bytes.js';

const MAX_KEPT = 65_536;
/** Slots of the IPv4 table, a power of two. */
const SLOTS = 8192;

/** Makes address text; one per decoder, so that no state lives at module level. */
export class AddressTextCache {
  /** Direct-mapped: one slot per address; a new address replaces the previous one. */
  private readonly keys = new Int32Array(SLOTS);
  private readonly texts: string[] = new Array<string>(SLOTS).fill('');
  private readonly v6 = new Map<string, string>();

  /** Dotted quad of the 4 bytes at `at`. */
  ipv4(bytes: Buffer, at: number): string {
    const key = i32(bytes, at);
    const slot = (key ^ (key >>> 13)) & (SLOTS - 1);
    if (this.keys[slot] === key && this.texts[slot] !== '') return this.texts[slot];
    const text = ipv4Text(bytes, at);
    this.keys[slot] = key;
    this.texts[slot] = text;
    return text;
  }

  /** RFC 5952 text of the 16 bytes at `at`. */
  ipv6(bytes: Buffer, at: number): string {
    const key = bytes.latin1Slice(at, at + 16);
    const known = this.v6.get(key);
    if (known !== undefined) return known;
    if (this.v6.size >= MAX_KEPT) this.v6.clear();
    const text = ipv6Text(bytes, at);
    this.v6.set(key, text);
    return text;
  }
}

export function ipv4Text(bytes: Uint8Array, at: number): string {
  return `${bytes[at]}.${bytes[at + 1]}.${bytes[at + 2]}.${bytes[at + 3]}`;
}

/** RFC 5952: lower case, no leading zeros, the longest run of two or more zero groups as `::`, mapped IPv4 dotted. */
export function ipv6Text(bytes: Uint8Array, at: number): string {
  const groups: number[] = [];
  for (let i = 0; i < 16; i += 2) groups.push(u16(bytes, at + i));
  if (isMappedIpv4(groups)) return `::ffff:${ipv4Text(bytes, at + 12)}`;
  let runStart = -1;
  let runLength = 1;
  for (let i = 0; i < 8; i++) {
    let end = i;
    while (end < 8 && groups[end] === 0) end++;
    if (end - i > runLength) {
      runStart = i;
      runLength = end - i;
    }
    if (end > i) i = end;
  }
  const hex = groups.map((group) => group.toString(16));
  if (runStart < 0) return hex.join(':');
  return `${hex.slice(0, runStart).join(':')}::${hex.slice(runStart + runLength).join(':')}`;
}

function isMappedIpv4(groups: number[]): boolean {
  return groups[5] === 0xffff && groups.slice(0, 5).every((group) => group === 0);
}

/** The 4 bytes of a dotted quad, or null. No octal, no shorthand. */
export function parseIpv4(text: string): Buffer | null {
  const parts = text.split('.');
  if (parts.length !== 4) return null;
  const bytes = Buffer.alloc(4);
  for (let i = 0; i < 4; i++) {
    if (!/^\d{1,3}$/.test(parts[i]) || Number(parts[i]) > 255) return null;
    bytes[i] = Number(parts[i]);
  }
  return bytes;
}

/** The 16 bytes of an IPv6 address (no brackets, no zone), or null. */
export function parseIpv6(text: string): Buffer | null {
  const halves = text.split('::');
  if (halves.length > 2 || text.includes(':::')) return null;
  const head = groupsOf(halves[0]);
  const tail = halves.length === 2 ? groupsOf(halves[1]) : [];
  if (head === null || tail === null) return null;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return null;
  const bytes = Buffer.alloc(16);
  const groups = [...head, ...new Array<number>(halves.length === 2 ? missing : 0).fill(0), ...tail];
  groups.forEach((group, i) => bytes.writeUInt16BE(group, i * 2));
  return bytes;
}

function groupsOf(text: string): number[] | null {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (let i = 0; i < parts.length; i++) {
    const quad = i === parts.length - 1 && parts[i].includes('.') ? parseIpv4(parts[i]) : null;
    if (quad !== null) {
      groups.push(u16(quad, 0), u16(quad, 2));
      continue;
    }
    if (!/^[0-9a-fA-F]{1,4}$/.test(parts[i])) return null;
    groups.push(parseInt(parts[i], 16));
  }
  return groups;
}

/** Address bytes of either family, or null. */
export function parseAddress(text: string): Buffer | null {
  return parseIpv4(text) ?? parseIpv6(text);
}

/** Whether only this machine reaches the host. */
export function isLoopback(host: string): boolean {
  if (isIP(host) === 4) return host.startsWith('127.');
  return host === '::1' || host === 'localhost';
}
