/** `config show` and `config check`. */
import { UsageError } from '../../base/index.js';
import { EXIT_DONE, EXIT_USAGE } from '../../base/exit-codes.js';
import { checkRoutes } from '../../script/check-routes.js';
import type { Environment } from '../../pipeline/options.js';
import { loadSettings, type LoadOptions, type LoadedSettings } from '../../config/load.js';
import { settingsText, shownSettings } from '../../config/show.js';

export interface ConfigOptions {
  file: string;
  environment: Readonly<Record<string, string | undefined>>;
  /** `name=value`. */
  set: readonly string[];
  json: boolean;
}

export async function configCheck(options: ConfigOptions, env: Environment): Promise<number> {
  const loaded = load(options);
  env.stderr.write(loaded.report);
  if (loaded.errors > 0) {
    env.stderr.write(`${loaded.errors === 1 ? 'one mistake' : `${loaded.errors} mistakes`} in ${options.file}\n`);
    return EXIT_USAGE;
  }
  env.stdout.write(`${options.file} is in order\n`);
  return EXIT_DONE;
}

/** What is in force; warnings and notes are left to `config check`. */
export async function configShow(options: ConfigOptions, env: Environment): Promise<number> {
  const { values, draft, report } = load(options);
  if (values === null) {
    env.stderr.write(report);
    return EXIT_USAGE;
  }
  const settings = shownSettings(values, draft);
  env.stdout.write(
    options.json
      ? `${JSON.stringify(Object.fromEntries(settings.map(({ path, value, origin }) => [path, { value, origin }])), null, 2)}\n`
      : settingsText(settings),
  );
  return EXIT_DONE;
}

function load({ file, environment, set }: ConfigOptions): LoadedSettings {
  const flags: LoadOptions['flags'] = set.map((text) => {
    const at = text.indexOf('=');
    if (at <= 0) throw new UsageError('--set takes name=value');
    return { name: `--set ${text.slice(0, at)}`, path: text.slice(0, at), value: text.slice(at + 1) };
  });
  try {
    return loadSettings({ file, environment, flags, checkRoutes });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new UsageError(
      `cannot read ${file}: ${code === 'ENOENT' ? 'no such file' : code === 'EACCES' ? 'permission denied' : code === 'EISDIR' ? 'is a folder' : code}`,
    );
  }
}
