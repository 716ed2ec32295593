/** Complete lines of a file. */
import type { Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/** With the offset after each; the digest is of all bytes up to there. A last line without an end is still being written. */
export async function* linesOf(file: string, digest: Hash | null): AsyncGenerator<{ line: string; offset: number }> {
  let rest: Buffer = Buffer.alloc(0);
  let offset = 0;
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
    let bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10)) {
      digest?.update(bytes.subarray(0, end + 1));
      offset += end + 1;
      const line = bytes.toString('utf8', 0, end);
      bytes = bytes.subarray(end + 1);
      yield { line, offset };
    }
    rest = bytes;
  }
}
