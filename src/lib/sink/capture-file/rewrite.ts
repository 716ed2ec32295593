/** Writes a pcap file again in another format beside it, and replaces it when complete. */
import { closeSync, fstatSync, openSync, readSync, renameSync, rmSync, writeSync } from 'node:fs';
import { emptyFrame, faultText } from '../../base/index.js';
import { PcapReader, type CaptureWriter } from '../../format/index.js';

const CHUNK_BYTES = 1024 * 1024;

/** Throws the operating system's error; the file is then unchanged. */
export function rewriteAside(path: string, written: number, writer: CaptureWriter): { descriptor: number; size: number } {
  const aside = `${path}.rewriting`;
  const source = openSync(path, 'r');
  try {
    const descriptor = openSync(aside, 'w', fstatSync(written).mode & 0o777);
    try {
      const size = copyRecords(source, descriptor, writer);
      renameSync(aside, path);
      return { descriptor, size };
    } catch (error) {
      closeSync(descriptor);
      rmSync(aside, { force: true });
      throw error;
    }
  } finally {
    closeSync(source);
  }
}

function copyRecords(source: number, target: number, writer: CaptureWriter): number {
  const reader = new PcapReader();
  const frame = emptyFrame();
  let out: Buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  let filled = writer.fileHeader().copy(out);
  let size = 0;
  const push = (): void => {
    for (let at = 0; at < filled;) at += writeSync(target, out, at, filled - at);
    size += filled;
    filled = 0;
  };
  for (;;) {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    const length = readSync(source, chunk, 0, CHUNK_BYTES, null);
    if (length === 0) break;
    reader.push(chunk.subarray(0, length));
    while (reader.next(frame)) {
      const bytes = writer.bytesFor(frame);
      if (filled + bytes > out.length) push();
      if (bytes > out.length) out = Buffer.allocUnsafeSlow(bytes);
      filled = writer.write(frame, out, filled);
    }
  }
  push();
  const wrong = reader.end();
  if (wrong !== null) throw new Error(faultText(wrong));
  return size;
}
