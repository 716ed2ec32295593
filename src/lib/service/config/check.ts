/** `config check`: every error, warning and note of a configuration. */
import { EXIT_DONE, EXIT_USAGE, type Environment } from '../../base/index.js';
import { loadFile, type ConfigOptions } from './load-file.js';

export async function configCheck(options: ConfigOptions, env: Environment): Promise<number> {
  const loaded = loadFile(options);
  env.stderr.write(loaded.report);
  if (loaded.errors > 0) {
    env.stderr.write(`${loaded.errors} ${loaded.errors === 1 ? 'error' : 'errors'} in ${options.file}\n`);
    return EXIT_USAGE;
  }
  if (options.errorsOnly !== true) env.stdout.write(`${options.file}: OK\n`);
  return EXIT_DONE;
}
