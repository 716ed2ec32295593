/** The Internet checksum (RFC 1071) and SCTP's CRC32c (RFC 9260 appendix A). */

/** Sum of 16-bit words, not yet folded; add several ranges by passing the sum on. */
export function checksumAdd(bytes: Uint8Array, from: number, to: number, sum = 0): number {
  let total = sum;
  for (let i = from; i + 1 < to; i += 2) total += (bytes[i] << 8) | bytes[i + 1];
  if ((to - from) % 2 === 1) total += bytes[to - 1] << 8;
  return total;
}

export function checksumFold(sum: number): number {
  let folded = sum;
  while (folded > 0xffff) folded = (folded % 0x1_0000) + Math.floor(folded / 0x1_0000);
  return ~folded & 0xffff;
}

const CASTAGNOLI = 0x82f63b78;

/** CRC32c of the bytes, for records and SCTP alike. */
export class Crc32c {
  private readonly table = new Uint32Array(256);

  constructor() {
    for (let i = 0; i < 256; i++) {
      let value = i;
      for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ CASTAGNOLI : value >>> 1;
      this.table[i] = value;
    }
  }

  of(bytes: Uint8Array, from = 0, to = bytes.length): number {
    let crc = 0xffffffff;
    for (let i = from; i < to; i++) crc = (crc >>> 8) ^ this.table[(crc ^ bytes[i]) & 0xff];
    return (crc ^ 0xffffffff) >>> 0;
  }
}
