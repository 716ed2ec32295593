/** Scripts in a folder, and what commands print about them. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { silentLog, systemClock } from '../../src/lib/base/index.js';

export function convertRig(folder: string) {
  function written(name: string, text: string): string {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  }

  function surroundings() {
    const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
    const text = (stream: PassThrough) => String(stream.read() ?? '').replaceAll(folder, '/x');
    return {
      env: { stdin, stdout, stderr, clock: systemClock, log: silentLog, colour: false },
      out: () => text(stdout),
      err: () => text(stderr),
    };
  }

  return { written, surroundings };
}
