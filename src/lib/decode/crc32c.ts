/** CRC32c (RFC 9260 appendix A) of an SCTP packet, computed with the checksum field as zero. */

const CHECKSUM_AT = 8;
const CHECKSUM_BYTES = 4;
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = (value & 1) !== 0 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
  return value;
});

export function crc32c(bytes: Uint8Array, from: number, to: number): number {
  let crc = 0xffff_ffff;
  const fieldAt = from + CHECKSUM_AT;
  for (let at = from; at < to; at++) {
    const byte = at >= fieldAt && at < fieldAt + CHECKSUM_BYTES ? 0 : bytes[at];
    crc = TABLE[(crc ^ byte) & 0xff] ^ (crc >>> 8);
  }
  return ~crc >>> 0;
}

/** The checksum field: least significant byte first. */
export function checksumField(bytes: Uint8Array, from: number): number {
  const at = from + CHECKSUM_AT;
  return (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)) >>> 0;
}
