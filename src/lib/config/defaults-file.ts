/** The defaults files of the command line: what stands in them is taken where neither a flag nor the environment says otherwise. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { LineCounter, isMap, isScalar } from 'yaml';
import { z } from 'zod';
import { UsageError, didYouMean, systemErrorText } from '../base/index.js';
import { yamlDocument } from './yaml-document.js';

const text = z.string().min(1, 'expected text');
const words = <const T extends readonly [string, ...string[]]>(all: T) => z.enum(all, `expected ${all.join(', ')}`);

/** Names are those of flags. Outputs are missing on purpose: a capture writes nowhere that the command line does not name. */
const SCHEMA = z.strictObject({
  db: text.optional(),
  tz: text.optional(),
  names: text.optional(),
  time: words(['none', 'epoch', 'delta', 'date', 'elapsed']).optional(),
  color: words(['auto', 'always', 'never']).optional(),
  summary: words(['full', 'short', 'json', 'none']).optional(),
  port: z.union([text, z.number().transform(String)]).optional(),
  'leg-header': z.union([text.transform((one) => [one]), z.array(text)]).optional(),
  'hep-id': z.number('expected a number').int('expected a whole number').min(0, 'expected at least 0').max(4_294_967_295).optional(),
  'hep-name': text.optional(),
  'capture-node': text.optional(),
  fifo: text.optional(),
  datagram: text.optional(),
  http: text.optional(),
  token: text.optional(),
});

export const DEFAULT_NAMES = Object.keys(SCHEMA.shape);
/** Relative to the folder of the file. */
const PATHS = ['names'] as const;

export interface Default {
  value: unknown;
  /** `/etc/sipcap/config.yaml:3`. */
  origin: string;
}

/** The files that exist, the user's before the system's. */
export function defaultsFiles(environment: Readonly<Record<string, string | undefined>>): string[] {
  const { SIPCAP_CONFIG: own, XDG_CONFIG_HOME: configHome, HOME: home } = environment;
  if (own !== undefined) return own === '' ? [] : [own];
  const folders = [configHome || (home === undefined || home === '' ? '' : join(home, '.config')), '/etc'];
  return folders
    .filter((folder) => folder !== '')
    .flatMap((folder) => [join(folder, 'sipcap/config.yaml')].filter((file) => existsSync(file)));
}

/** The first file that has a setting decides; errors name file and line. */
export function readDefaults(files: readonly string[]): Map<string, Default> {
  const all = new Map<string, Default>();
  for (const file of files) for (const [name, one] of readFile(file)) if (!all.has(name)) all.set(name, one);
  return all;
}

function readFile(file: string): [string, Default][] {
  let source: string;
  try {
    source = readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`cannot read ${file} (SIPCAP_CONFIG= does without): ${systemErrorText(error)}`);
  }
  const lines = new LineCounter();
  const document = yamlDocument(source, lines.addNewLine);
  const [broken] = document.errors;
  if (broken !== undefined) throw new UsageError(`${file}:${lines.linePos(broken.pos[0]).line}: ${broken.message.split('\n')[0]}`);
  if (document.contents === null) return [];
  if (!isMap(document.contents)) throw new UsageError(`${file}:1: expected settings, a line each: tz: Europe/Berlin`);
  const places = new Map<string, string>();
  for (const { key } of document.contents.items)
    if (isScalar(key)) places.set(String(key.value), `${file}:${lines.linePos(key.range?.[0] ?? 0).line}`);
  const { success, data, error } = SCHEMA.safeParse(document.toJS());
  if (!success)
    throw new UsageError(
      error.issues
        .slice(0, 2)
        .map((issue) => problem(issue, places, file))
        .join('\n'),
    );
  return Object.entries(data).map(([name, value]) => [name, { value: rooted(name, value, file), origin: places.get(name) ?? file }]);
}

function problem(issue: z.core.$ZodIssue, places: ReadonlyMap<string, string>, file: string): string {
  if (issue.code === 'unrecognized_keys') {
    const [name] = issue.keys;
    return `${places.get(name) ?? file}: unknown setting '${name}': ${didYouMean(name, DEFAULT_NAMES) || `expected one of ${DEFAULT_NAMES.join(', ')}`}`;
  }
  const name = String(issue.path[0]);
  return `${places.get(name) ?? file}: invalid ${name}: ${issue.code === 'invalid_type' ? 'expected text' : issue.message}`;
}

function rooted(name: string, value: unknown, file: string): unknown {
  return (PATHS as readonly string[]).includes(name) ? resolve(dirname(file), value as string) : value;
}
