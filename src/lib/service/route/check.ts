/** `route check`: all errors of a script at once, with their positions. */
import type { RouteBlock } from '../../route/index.js';
import { EXIT_DONE, EXIT_USAGE, type Environment } from '../../base/index.js';
import { readRouteFile, type RouteFileOptions } from '../../script/script-file.js';
import { readSettings } from './settings-reader.js';

export async function routeCheck(options: Omit<RouteFileOptions, 'trace'>, env: Environment): Promise<number> {
  const { script, report, errors } = await readRouteFile(options, readSettings);
  env.stderr.write(report);
  if (errors > 0 || script === null) {
    env.stderr.write(`${errors === 1 ? '1 error' : `${errors} errors`} in ${options.file}\n`);
    return EXIT_USAGE;
  }
  if (options.errorsOnly !== true) env.stdout.write(`${options.file}: OK (${script.routes.map(routeTitle).join(', ')})\n`);
  return EXIT_DONE;
}

export function routeTitle({ kind, name }: Pick<RouteBlock, 'kind' | 'name'>): string {
  return name === '' ? kind : `${kind}[${name}]`;
}
