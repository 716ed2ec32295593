/** Tables that a command could not read or prune, unlike the others: each reported once, and the result is partial. */
import { EXIT_DONE, EXIT_UNREACHABLE, type Environment } from '../../base/index.js';

export function failedTables({ log }: Environment) {
  const named = new Set<string>();
  return {
    add(table: string, reason: string): void {
      if (!named.has(table)) log.error(`table ${table}: ${reason}`);
      named.add(table);
    },
    get exitCode(): number {
      return named.size === 0 ? EXIT_DONE : EXIT_UNREACHABLE;
    },
  };
}
