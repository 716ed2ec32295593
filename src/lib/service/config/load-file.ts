/** The configuration file of `config check` and `config show`. */
import { UsageError, systemErrorText } from '../../base/index.js';
import { loadSettings, type LoadOptions, type LoadedSettings } from '../../config/index.js';
import { checkRoutes } from '../../script/check-routes.js';

export interface ConfigOptions {
  file: string;
  environment: Readonly<Record<string, string | undefined>>;
  /** `name=value`. */
  set: readonly string[];
  json: boolean;
  unknownFunctions?: 'error' | 'skip';
  /** Warnings and notes are left out. */
  errorsOnly?: boolean;
}

export function loadFile({ file, environment, set, unknownFunctions, errorsOnly }: ConfigOptions): LoadedSettings {
  const flags: LoadOptions['flags'][number][] = set.map((text) => {
    const at = text.indexOf('=');
    if (at <= 0) throw new UsageError(`invalid --set '${text}': expected NAME=VALUE`);
    return { name: `--set ${text.slice(0, at)}`, path: text.slice(0, at), value: text.slice(at + 1) };
  });
  if (unknownFunctions !== undefined) flags.push({ name: '--unknown-functions', path: 'unknown_functions', value: unknownFunctions });
  return readable(file, () => loadSettings({ file, environment, flags, errorsOnly, checkRoutes }));
}

/** Reads the file; a UsageError if it cannot. */
export function readable<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new UsageError(`cannot read ${file}: ${systemErrorText(error)}`);
  }
}
