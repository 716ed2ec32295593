/** What gzip and zstd have in common. */

export interface Decompressor {
  /** Takes a piece; everything that it decompresses to has gone to the output when this resolves. Rejects on damage. */
  feed(piece: Buffer): Promise<void>;
  /** The compressed stream is at its end; rejects where that is too early. */
  finish(): Promise<void>;
  close(): void;
}

export type DecompressorFactory = (output: (chunk: Buffer) => void) => Decompressor;
