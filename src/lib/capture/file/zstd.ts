/** zstd by fzstd, loaded only when a file needs it; several frames in a row are one stream (RFC 8878 section 3). */
import type { DecompressorFactory } from './decompressor.js';

export async function openZstdDecompressor(): Promise<DecompressorFactory> {
  const { Decompress } = await import('fzstd');
  return (output) => {
    // Every block from fzstd has its own memory.
    const decompressor = new Decompress((block) => {
      if (block.length > 0) output(Buffer.from(block.buffer, block.byteOffset, block.length));
    });
    return {
      feed: async (piece) => decompressor.push(piece),
      finish: async () => decompressor.push(new Uint8Array(0), true),
      close() {},
    };
  };
}
