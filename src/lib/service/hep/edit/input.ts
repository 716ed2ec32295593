/** What is to be edited: a stream of HEP packets, a capture, or hex lines; detected by the first bytes. */
import { SNIFF_BYTES, sniff } from '../../../format/index.js';

export type InputKind = 'hep' | 'pcap' | 'pcapng' | 'old packet' | 'hex' | 'unknown';

/** `isEnd`: no more bytes will come. Null if more are needed to decide. */
export function inputKind(bytes: Buffer, isEnd: boolean): InputKind | null {
  if (bytes.length < SNIFF_BYTES && !isEnd) return null;
  const kind = sniff(bytes);
  if (kind === 'pcap' || kind === 'pcapng') return kind;
  const magic = bytes.toString('latin1', 0, 4);
  if (magic === 'HEP3' || magic === 'EEP3') return 'hep';
  // Versions 1 and 2 have no length: such a packet is a whole file.
  if (bytes[0] === 1 || bytes[0] === 2) return 'old packet';
  if (bytes.length === 0 || isHexText(bytes)) return 'hex';
  return bytes.includes('HEP3') ? 'hep' : 'unknown';
}

function isHexText(bytes: Buffer): boolean {
  for (const byte of bytes.subarray(0, 256)) {
    const isDigit = (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x46) || (byte >= 0x61 && byte <= 0x66);
    if (!isDigit && byte !== 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d && byte !== 0x3a && byte !== 0x78 && byte !== 0x23)
      return bytes[0] === 0x23;
  }
  return true;
}

/** The bytes of a hex line (blanks and colons between them, 0x before them); null if it is not one, empty for empty lines and comments. */
export function hexLine(line: string): Buffer | null {
  const text = line.replace(/#.*$/, '').replace(/0x/gi, '').replace(/[\s:]/g, '');
  return /^(?:[0-9a-f]{2})*$/i.test(text) ? Buffer.from(text, 'hex') : null;
}
