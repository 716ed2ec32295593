/** The kind of file by its first bytes (gzip: RFC 1952 section 2.3.1, zstd: RFC 8878 section 3.1). */
import { u32, u32le } from '../base/index.js';
import { PcapReader, isPcapMagic } from './pcap-reader.js';
import { SECTION_HEADER } from './pcapng-block.js';
import { PcapngReader } from './pcapng-reader.js';
import type { CaptureReader } from './reader.js';

export const SNIFF_BYTES = 4;

export type FileKind = 'pcap' | 'pcapng' | 'gzip' | 'zstd' | 'unknown';

const ZSTD_MAGIC = 0xfd2fb528;
/** Skippable zstd frames (RFC 8878 section 3.1.2) have the lowest four bits free. */
const ZSTD_SKIPPABLE = 0x184d2a50;

export function sniff(bytes: Buffer): FileKind {
  if (bytes.length < 2) return 'unknown';
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return 'gzip';
  if (bytes.length < SNIFF_BYTES) return 'unknown';
  const big = u32(bytes, 0);
  const little = u32le(bytes, 0);
  if (isPcapMagic(big) || isPcapMagic(little)) return 'pcap';
  if (big === SECTION_HEADER) return 'pcapng';
  if (little === ZSTD_MAGIC || (little & 0xfffffff0) >>> 0 === ZSTD_SKIPPABLE) return 'zstd';
  return 'unknown';
}

/** The reader for uncompressed bytes of that kind, or null. */
export function readerFor(kind: FileKind): CaptureReader | null {
  if (kind === 'pcap') return new PcapReader();
  if (kind === 'pcapng') return new PcapngReader();
  return null;
}
