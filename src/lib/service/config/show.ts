/** `config show`: the effective settings and where each comes from. */
import { EXIT_DONE, EXIT_USAGE, type Environment } from '../../base/index.js';
import { settingsText, shownSettings } from '../../config/index.js';
import { loadFile, type ConfigOptions } from './load-file.js';

/** Warnings and notes are left to `config check`. */
export async function configShow(options: ConfigOptions, env: Environment): Promise<number> {
  const { values, draft, report } = loadFile(options);
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
