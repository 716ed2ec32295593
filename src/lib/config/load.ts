/** A configuration file, the environment and flags to settings: all mistakes at once, or settings with their origins. */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Source, includeReader, parseScript, withIncludes, type Diagnostics, type Script } from '../route/index.js';
import { readScript } from './opensips-reader.js';
import { checkTogether } from './checks.js';
import { Draft } from './draft.js';
import { readEnvironment, readFlags, type Flag } from './overlays.js';
import { rootPaths } from './paths.js';
import { Report } from './problems.js';
import { readRoutes } from './routes.js';
import type { Values } from './schema.js';
import { settingsOf, type Settings, type Spelling } from './node-config.js';
import { validate } from './validate.js';
import { readYaml } from './yaml-front.js';

export interface LoadOptions {
  /** YAML, or a script where the name ends in .cfg. */
  file: string;
  environment: Readonly<Record<string, string | undefined>>;
  flags: readonly Flag[];
  /** Looks at the routes themselves: functions, variables, arguments. */
  checkRoutes?: (script: Script, diagnostics: Diagnostics, values: Values) => void;
}

export interface LoadedSettings {
  /** Null where there are mistakes. */
  settings: Settings | null;
  /** As written, with defaults; null where there are mistakes. */
  values: Values | null;
  /** Where each value comes from. */
  draft: Draft;
  /** Mistakes, warnings and notes, as they are printed; '' where there is nothing to say. */
  report: string;
  errors: number;
}

/** Throws only where the file cannot be read. */
export function loadSettings(options: LoadOptions): LoadedSettings {
  return settingsFromText(readFileSync(options.file, 'utf8'), options);
}

export function settingsFromText(text: string, options: LoadOptions): LoadedSettings {
  const { file } = options;
  const spelling: Spelling = /\.cfg$/i.test(file) ? 'cfg' : 'yaml';
  const whole = new Source(file, text);
  const { source, errors: notIncluded } =
    spelling === 'cfg'
      ? withIncludes(
          whole,
          includeReader(file, [], (path) => readFileSync(path, 'utf8')),
        )
      : { source: whole, errors: [] };
  const draft = new Draft();
  const report = new Report();
  for (const { place, message } of notIncluded) report.for(source).error(place, message);
  report.for(source);
  let script: Script | null = null;
  if (spelling === 'cfg') {
    script = parseScript(source, report.for(source));
    readScript(script, draft, report);
  }
  const isReadable = script !== null || readYaml(source, draft, report);
  readEnvironment(options.environment, draft, report);
  readFlags(options.flags, draft, report);
  rootPaths(draft, dirname(resolve(file)));
  const { values, wrong } = validate(draft, report);
  const routes = readRoutes(values, script, draft, report);
  if (routes !== null) options.checkRoutes?.(routes, report.for(routes.source), values);
  if (isReadable) checkTogether({ values, wrong, script: routes, spelling, integer: new Source(file, ''), draft, report });
  const errors = report.errorCount;
  return {
    settings: errors === 0 ? settingsOf(values, spelling, routes) : null,
    values: errors === 0 ? values : null,
    draft,
    report: report.text(),
    errors,
  };
}
