/**
 * The file for `--route`, `route check` and `route explain`: routes only, an OpenSIPS script (.cfg), or a
 * configuration of serve (.yaml). Errors of every kind are reported at once.
 */
import { readFileSync } from 'node:fs';
import { UsageError, systemErrorText, plainFiles } from '../base/index.js';
import {
  Diagnostics,
  Source,
  binaryReport,
  compile,
  didYouMean,
  formatDiagnostics,
  includePathIn,
  includeReader,
  isForeign,
  parseRoutes,
  parseScript,
  scriptVersionOf,
  withIncludes,
  type ModuleParameter,
  type Program,
  type Script,
  type ScriptVersion,
  type Trace,
} from '../route/index.js';
import { SHAPES, type ShapeName } from '../row/index.js';
import { limitsOf, type RouteValues } from './check-routes.js';
import { HEP_CHUNKS } from './route-chunks.js';

export interface RouteFileOptions {
  file: string;
  /** `none`, `sip` or a route's name; '' as set in the file, else `sip`. */
  hepRoute: string;
  /** '' as set in the file. */
  scriptVersion: '' | '2' | '3';
  /** Treatment of unavailable functions; an error by default. */
  unknownFunctions?: 'error' | 'skip';
  environment: Readonly<Record<string, string | undefined>>;
  /** Warnings and notes are left out of the report. */
  errorsOnly?: boolean;
  trace?: Trace;
}

/** Where messages are stored, as set in the file; '' if not set. */
export interface RouteTables {
  sip: string;
  report: string;
  shape: ShapeName | '';
}

export interface RouteFile {
  /** Null if the file has no routes, or could not be parsed up to them. */
  script: Script | null;
  /** Null if there are errors. */
  program: Program | null;
  hepRoute: string;
  tables: RouteTables;
  /** Errors, warnings and notes as they are printed. */
  report: string;
  errors: number;
}

/** Of a configuration of serve: its script, checked together with its settings. */
export type SettingsReader = (options: {
  file: string;
  environment: Readonly<Record<string, string | undefined>>;
  flags: readonly never[];
  errorsOnly?: boolean;
  checkRoutes: (
    script: Script,
    diagnostics: Diagnostics,
    values: RouteValues & { table_name: string; rtcp_table_name: string; table_shape: ShapeName | ''; db_url: string },
  ) => void;
}) => Promise<{ report: string; errors: number }>;

const NO_TABLES: RouteTables = { sip: '', report: '', shape: '' };

/** Throws a UsageError if the file cannot be read. */
export async function readRouteFile(options: RouteFileOptions, readSettings: SettingsReader): Promise<RouteFile> {
  try {
    return /\.ya?ml$/i.test(options.file) ? await fromSettings(options, readSettings) : fromScript(options);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new UsageError(`cannot read ${options.file}: ${systemErrorText(error)}`);
  }
}

function fromScript(options: RouteFileOptions): RouteFile {
  const { file } = options;
  const isWhole = /\.cfg$/i.test(file);
  const text = readFileSync(file, 'utf8');
  const binary = binaryReport(text, file);
  if (binary !== '') return withoutRoutes(options, binary);
  const { source, errors: notIncluded } = withIncludes(
    new Source(file, text),
    includeReader(file, isWhole ? includePathIn(file, text) : [], plainFiles),
  );
  const diagnostics = new Diagnostics();
  if (isForeign(text, source.text, file, diagnostics)) return withoutRoutes(options, formatDiagnostics(source, diagnostics.list()));
  for (const { place, message } of notIncluded) diagnostics.error(place, message);
  const script = isWhole ? parseScript(source, diagnostics) : parseRoutes(source, diagnostics);
  if (script.routes.length === 0 && diagnostics.errorCount === 0)
    diagnostics.error({ from: 0, to: 0 }, 'no routes found', 'write route { ... }');
  const hepRoute = caseless(options.hepRoute) || hepRouteIn(script) || 'sip';
  checkHepRoute(script, hepRoute, diagnostics);
  const program = compile(script, {
    vocabulary: HEP_CHUNKS,
    diagnostics,
    hepRoute,
    unknownFunctions: options.unknownFunctions ?? unknownFunctionsIn(script, diagnostics),
    maxWork: limitIn(script, 'script.max_statements', 100, diagnostics),
    maxText: limitIn(script, 'script.max_text', 1024, diagnostics),
    scriptVersion: versionOf(options.scriptVersion, script, diagnostics),
    trace: options.trace,
  });
  return {
    script,
    program,
    hepRoute,
    tables: {
      sip: textParameter(script, 'table_name'),
      report: textParameter(script, 'rtcp_table_name'),
      shape: shapeIn(String(parameterOf(script, 'table_shape', 'sipcap')?.value ?? ''), textParameter(script, 'db_url')),
    },
    report: formatDiagnostics(source, diagnostics.list(options.errorsOnly)),
    errors: diagnostics.errorCount,
  };
}

function withoutRoutes({ hepRoute }: RouteFileOptions, report: string): RouteFile {
  return { script: null, program: null, hepRoute, tables: NO_TABLES, report, errors: 1 };
}

async function fromSettings(
  { file, environment, hepRoute, scriptVersion, unknownFunctions, errorsOnly, trace }: RouteFileOptions,
  readSettings: SettingsReader,
): Promise<RouteFile> {
  let script: Script | null = null;
  let program: Program | null = null;
  let wanted = hepRoute;
  let tables = NO_TABLES;
  const { report, errors } = await readSettings({
    file,
    environment,
    flags: [],
    errorsOnly,
    checkRoutes: (found, diagnostics, values) => {
      script = found;
      tables = { sip: values.table_name, report: values.rtcp_table_name, shape: shapeIn(values.table_shape, values.db_url) };
      wanted = caseless(hepRoute || values.hep_route);
      program = compile(found, {
        vocabulary: HEP_CHUNKS,
        diagnostics,
        hepRoute: wanted,
        unknownFunctions: unknownFunctions ?? values.unknown_functions,
        ...limitsOf(values),
        scriptVersion: versionOf(scriptVersion || values.script_version, found, diagnostics),
        trace,
      });
    },
  });
  if (script === null && errors === 0)
    return {
      script,
      program: null,
      hepRoute: wanted,
      tables,
      report: `${report}${file}: no routes found: route and route_file are not set\n`,
      errors: 1,
    };
  return { script, program: errors === 0 ? program : null, hepRoute: wanted, tables, report, errors };
}

/** Configurations handle this with their other settings. */
function checkHepRoute(script: Script, hepRoute: string, diagnostics: Diagnostics): void {
  if (hepRoute === 'none' || hepRoute === 'sip') return;
  const names = script.routes.filter(({ kind }) => kind === 'route').map(({ name }) => name);
  if (names.includes(hepRoute)) return;
  const place = parameterOf(script, 'hep_route')?.valuePlace ?? { from: 0, to: 0 };
  diagnostics.error(
    place,
    `unknown route[${hepRoute}] in hep_route`,
    didYouMean(
      hepRoute,
      names.filter((name) => name !== ''),
    ) || 'expected none, sip, or the name of a route',
  );
}

function hepRouteIn(script: Script): string {
  return caseless(textParameter(script, 'hep_route'));
}

/** `modparam("sipcap", "unknown_functions", "skip")`. */
function unknownFunctionsIn(script: Script, diagnostics: Diagnostics): 'error' | 'skip' {
  const parameter = parameterOf(script, 'unknown_functions', 'sipcap');
  const word = String(parameter?.value ?? 'error').toLowerCase();
  if (word === 'error' || word === 'skip') return word;
  diagnostics.error(parameter!.valuePlace, `invalid unknown_functions '${word}'`, 'expected error or skip');
  return 'error';
}

function limitIn(script: Script, name: string, min: number, diagnostics: Diagnostics): number | undefined {
  const parameter = parameterOf(script, name, 'sipcap');
  if (parameter === undefined) return undefined;
  const limit = Number(parameter.value);
  if (limit >= min) return limit;
  diagnostics.error(parameter.valuePlace, `invalid ${name} '${parameter.value}'`, `expected a number from ${min}`);
  return undefined;
}

/** `modparam("sipcapture", name, "...")`; the last one counts. */
function parameterOf(script: Script, wanted: string, module = 'sipcapture'): ModuleParameter | undefined {
  return script.moduleParameters.filter(({ modules, name }) => modules.includes(module) && name === wanted).pop();
}

/** '' if not given. */
function textParameter(script: Script, name: string): string {
  return String(parameterOf(script, name)?.value ?? '');
}

/** `table_shape`, else as in the URL of the database; '' if neither names one. */
function shapeIn(tableShape: string, url: string): ShapeName | '' {
  const wanted = tableShape || (/[?&]shape=([^&]*)/.exec(url)?.[1] ?? '');
  return SHAPES.find((shape) => shape === wanted) ?? '';
}

function caseless(hepRoute: string): string {
  return /^(?:none|sip)$/i.test(hepRoute) ? hepRoute.toLowerCase() : hepRoute;
}

function versionOf(given: string, script: Script, diagnostics: Diagnostics): ScriptVersion | null {
  if (given !== '') return scriptVersionOf(given);
  const parameter = script.parameters.find(({ name }) => name === 'script_version');
  if (parameter === undefined) return null;
  const version = scriptVersionOf(parameter.value);
  if (version === null) diagnostics.error(parameter.valuePlace, `invalid script_version '${parameter.value}'`, 'expected 2 or 3');
  return version;
}
