/** `capture mirror`: mirror ports and capture files. */
import type { Environment } from '../../base/index.js';
import { captureFiles } from './files.js';
import { captureLive, showFilter, type CaptureLiveOptions } from './live.js';

export interface CaptureMirrorOptions extends CaptureLiveOptions {
  /** Capture files; absent for interfaces. */
  files: readonly string[] | undefined;
  again: boolean;
  /** Print the kernel filter and exit. */
  showFilter: boolean;
}

export async function captureMirror(options: CaptureMirrorOptions, env: Environment): Promise<number> {
  if (options.showFilter) return showFilter(options, env);
  const { files } = options;
  return files === undefined ? captureLive(options, env) : captureFiles({ ...options, files }, env);
}
