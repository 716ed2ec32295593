/** zstd by fzstd, loaded only when a file needs it; several frames in a row are one stream (RFC 8878 section 3). */
import type { DecompressorFactory } from './decompressor.js';

export async function openZstdDecompressor(): Promise<DecompressorFactory> {
  const { Decompress, ZstdErrorCode } = await import('fzstd');
  return (output) => {
    // Every block from fzstd has its own memory.
    const decompressor = new Decompress((block) => {
      if (block.length > 0) output(Buffer.from(block.buffer, block.byteOffset, block.length));
    });
    return {
      feed: async (piece) => decompressor.push(piece),
      async finish() {
        try {
          decompressor.push(new Uint8Array(0), true);
          return true;
        } catch (error) {
          // The few bytes behind the last frame are not the beginning of another.
          if ((error as { code?: number }).code === ZstdErrorCode.InvalidData) throw error;
          return false;
        }
      },
      close() {},
    };
  };
}
