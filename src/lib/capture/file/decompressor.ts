/** What gzip and zstd have in common. */

export interface Decompressor {
  /** Takes a piece; resolves when all its decompressed bytes are in the output. Rejects on damage. */
  feed(piece: Buffer): Promise<void>;
  /** The end of the compressed stream: whether it is complete. Rejects on damage. */
  finish(): Promise<boolean>;
  close(): void;
}

export type DecompressorFactory = (output: (chunk: Buffer) => void) => Decompressor;
