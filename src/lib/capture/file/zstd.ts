/** zstd by fzstd, loaded only when a file needs it; several frames in a row are one stream (RFC 8878 section 3). */
import type { PassThrough } from 'node:stream';

export async function unzstd(next: () => Promise<Buffer | null>, output: PassThrough): Promise<void> {
  const { Decompress } = await import('fzstd');
  let room = true;
  const unpacker = new Decompress((chunk) => {
    // fzstd goes on using its window: what it hands out is copied.
    if (chunk.length > 0) room = output.write(Buffer.from(chunk)) && room;
  });
  for (let chunk = await next(); chunk !== null; chunk = await next()) {
    if (output.destroyed) return;
    unpacker.push(chunk);
    if (!room) await new Promise<void>((resolve) => output.once('drain', resolve).once('close', resolve));
    room = true;
  }
  unpacker.push(new Uint8Array(0), true);
  output.end();
}
