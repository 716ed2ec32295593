/** `route check`: all mistakes of a script at once, with their places. */
import type { RouteBlock } from '../route/index.js';
import { EXIT_DONE, EXIT_USAGE } from './exit-codes.js';
import { readRouteFile, type RouteFileOptions } from './route-file.js';
import type { Surroundings } from './run-options.js';

export async function routeCheck(options: Omit<RouteFileOptions, 'trace'>, around: Surroundings): Promise<number> {
  const { script, report, mistakes } = await readRouteFile(options);
  around.stderr.write(report);
  if (mistakes > 0 || script === null) {
    around.stderr.write(`${mistakes === 1 ? 'one mistake' : `${mistakes} mistakes`} in ${options.file}\n`);
    return EXIT_USAGE;
  }
  around.stdout.write(`${options.file} is in order: ${script.routes.map(routeTitle).join(', ')}\n`);
  return EXIT_DONE;
}

export function routeTitle({ kind, name }: Pick<RouteBlock, 'kind' | 'name'>): string {
  return name === '' ? kind : `${kind}[${name}]`;
}
