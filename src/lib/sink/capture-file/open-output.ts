/** Opens the output of a capture file. */
import { createWriteStream, fstatSync, openSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import { UsageError, systemErrorText } from '../../base/index.js';
import type { CaptureOutput } from './output.js';
import { PipeOutput } from './pipe-output.js';
import { RegularOutput } from './regular-output.js';

/** Opens a path, or standard output for `-`. A named pipe waits here for its reader, as the shell's `>` does. */
export function openOutput(path: string, stdout: Writable, onClosed: () => void): CaptureOutput {
  if (path === '-') return new PipeOutput(stdout, false, onClosed);
  try {
    const descriptor = openSync(path, 'w');
    const information = fstatSync(descriptor);
    if (information.isFile()) return new RegularOutput(path, descriptor);
    if (information.isFIFO()) return new PipeOutput(new Socket({ fd: descriptor, readable: false, writable: true }), true, onClosed);
    return new PipeOutput(createWriteStream(path, { fd: descriptor }), true, onClosed);
  } catch (error) {
    throw new UsageError(`cannot write ${path}: ${systemErrorText(error)}`);
  }
}
