/** `capture raw`: traffic in IP-in-IP tunnels. */
import type { Environment } from '../../base/index.js';
import { captureFiles } from './files.js';
import { captureLive, showFilter, type CaptureLiveOptions } from './live.js';

export interface CaptureRawOptions extends CaptureLiveOptions {
  /** Capture files; absent for interfaces. */
  files: readonly string[] | undefined;
  again: boolean;
  /** Print the kernel filter and exit. */
  showFilter: boolean;
}

export async function captureRaw(options: CaptureRawOptions, env: Environment): Promise<number> {
  if (options.showFilter) return showFilter(options, env);
  const { files } = options;
  return files === undefined ? captureLive(options, env) : captureFiles({ ...options, files }, env);
}
