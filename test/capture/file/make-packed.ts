/** Compressed bytes: gzip by Node, zstd with raw blocks by hand (RFC 8878 section 3.1.1), since Node 20 has no zstd. */

const MAX_BLOCK_BYTES = 100_000;

/** One frame, its content in raw blocks; the window is 128 KiB. */
export function zstdFrame(content: Buffer): Buffer {
  const blocks: Buffer[] = [];
  for (let at = 0; at < content.length || at === 0; at += MAX_BLOCK_BYTES) {
    const part = content.subarray(at, at + MAX_BLOCK_BYTES);
    const isLast = at + MAX_BLOCK_BYTES >= content.length;
    const header = Buffer.alloc(3);
    header.writeUIntLE((part.length << 3) | (isLast ? 1 : 0), 0, 3);
    blocks.push(header, part);
  }
  return Buffer.concat([Buffer.from('28b52ffd', 'hex'), Buffer.from([0x00, 0x38]), ...blocks]);
}

export function zstdSkippable(bytes: number): Buffer {
  const header = Buffer.from('502a4d1800000000', 'hex');
  header.writeUInt32LE(bytes, 4);
  return Buffer.concat([header, Buffer.alloc(bytes, 0xa5)]);
}
