/** A configuration file, the environment and flags to settings: all errors at once, or settings with their origins. */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { plainFiles } from '../base/index.js';
import {
  Source,
  includePathIn,
  includeReader,
  binaryReport,
  isForeign,
  parseScript,
  withIncludes,
  type Diagnostics,
  type Script,
} from '../route/index.js';
import { readScript } from './opensips-reader.js';
import { checkTogether } from './checks.js';
import { Draft } from './draft.js';
import { readHttp } from './opensips-http.js';
import { readEnvironment, readFlags, type Flag } from './overlays.js';
import { rootPaths } from './paths.js';
import { Report, type Problem } from './problems.js';
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
  /** Warnings and notes are left out of the report. */
  errorsOnly?: boolean;
  /** Checks the routes themselves: functions, variables, arguments. */
  checkRoutes?: (script: Script, diagnostics: Diagnostics, values: Values) => void;
}

export interface LoadedSettings {
  /** Null where there are errors. */
  settings: Settings | null;
  /** As written, with defaults; null where there are errors. */
  values: Values | null;
  /** Where each value comes from. */
  draft: Draft;
  /** The routes; null where there are none. */
  script: Script | null;
  /** Errors, warnings and notes, a line each. */
  problems: readonly Problem[];
  /** Errors, warnings and notes as they are printed; '' where there are none. */
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
    spelling === 'cfg' ? withIncludes(whole, includeReader(file, includePath(options, text), plainFiles)) : { source: whole, errors: [] };
  const draft = new Draft();
  const report = new Report();
  const refused = (text: string, problems: readonly Problem[]) => ({
    settings: null,
    values: null,
    draft,
    script: null,
    problems,
    report: text,
    errors: 1,
  });
  const binary = binaryReport(text, file);
  if (binary !== '') return refused(binary, [{ severity: 'error', text: binary.trimEnd(), repair: '' }]);
  if (spelling === 'cfg' && isForeign(text, source.text, file, report.for(source))) return refused(report.text(), report.problems());
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
  if (script !== null) readHttp(script, draft, report);
  rootPaths(draft, dirname(resolve(file)));
  const { values, wrong } = validate(draft, report);
  const routes = readRoutes(values, script, draft, report);
  if (routes !== null) options.checkRoutes?.(routes, report.for(routes.source), values);
  if (isReadable) checkTogether({ values, wrong, script: routes, spelling, file: new Source(file, ''), draft, report });
  const errors = report.errorCount;
  return {
    settings: errors === 0 ? settingsOf(values, spelling, routes) : null,
    values: errors === 0 ? values : null,
    draft,
    script: routes,
    problems: report.problems(),
    report: report.text(options.errorsOnly),
    errors,
  };
}

/** From flags, else the environment, else the script itself: included files are read before the settings. */
function includePath({ file, environment, flags }: LoadOptions, text: string): string[] {
  const flag = flags.findLast(({ path }) => path === 'script.include_path')?.value ?? environment.SIPCAP_SCRIPT_INCLUDE_PATH;
  return flag === undefined ? includePathIn(file, text) : flag.split(',').map((one) => resolve(one.trim()));
}
