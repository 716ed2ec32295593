/** The routes of a configuration: in a `.cfg` its own, in YAML a block of text or a file of its own. */
import { readFileSync } from 'node:fs';
import { plainFiles } from '../base/index.js';
import { Source, includeReader, parseRoutes, withIncludes, type Script } from '../route/index.js';
import type { Draft, Spot } from './draft.js';
import type { Report } from './problems.js';
import type { Values } from './schema.js';

/** `own` is the script of a `.cfg`. Null where there are no routes. */
export function readRoutes(values: Values, own: Script | null, draft: Draft, report: Report): Script | null {
  const inText = draft.spot('route');
  const inFile = draft.spot('route_file');
  if (values.route !== '' && values.route_file !== '') {
    report.error(inFile!, 'routes are in both route and route_file', 'keep one of them');
    return null;
  }
  if (own !== null && own.routes.length > 0) {
    const second = values.route_file !== '' ? inFile : values.route !== '' ? inText : null;
    if (second !== null) report.error(second, `routes are already in ${own.source.name}`, 'keep one of them');
    return own;
  }
  const source =
    values.route_file !== ''
      ? fileSource(values.route_file, values.script.include_path, inFile!, report)
      : values.route !== ''
        ? withFiles(textSource(values.route, inText!), values.script.include_path, report)
        : null;
  if (source === null) return null;
  const script = parseRoutes(source, report.for(source));
  return script.routes.length > 0 ? script : null;
}

function fileSource(path: string, folders: readonly string[], spot: Spot, report: Report): Source | null {
  try {
    const { source, errors } = withIncludes(new Source(path, readFileSync(path, 'utf8')), includeReader(path, folders, plainFiles));
    for (const { place, message } of errors) report.for(source).error(place, message);
    return source;
  } catch (error) {
    report.error(spot, `cannot read route_file: ${(error as NodeJS.ErrnoException).code ?? (error as Error).message}`);
    return null;
  }
}

/** Included files are looked for in the folder of the configuration. */
function withFiles(block: Source, folders: readonly string[], report: Report): Source {
  const { source, errors } = withIncludes(block, includeReader(block.name, folders, plainFiles));
  for (const { place, message } of errors) report.for(source).error(place, message);
  return source;
}

/** Lines and columns of a block are the file's; its indentation is not part of the text, which may hold strings of several lines. */
function textSource(text: string, { source, value, kind }: Spot): Source {
  if (kind !== 'file') return source;
  const line = source.lineColumn(value.from).line;
  if (source.text[value.from] !== '|') return new Source(source.name, text, line);
  const begin = source.text.indexOf('\n', value.from) + 1;
  const indent = blanksBefore(source.text.slice(begin, value.to)) - blanksBefore(text);
  return new Source(source.name, text, line + 1, Math.max(indent, 0));
}

/** Of the first line that is not blank. */
function blanksBefore(text: string): number {
  return /^( *)[^ \r\n]/m.exec(text)?.[1].length ?? 0;
}

/** Names of functions that the routes call, with the place of the first call of each. */
export function calledFunctions(script: Script): Map<string, { from: number; to: number }> {
  const found = new Map<string, { from: number; to: number }>();
  const waiting: unknown[] = script.routes.map(({ body }) => body);
  while (waiting.length > 0) {
    const node = waiting.pop();
    if (Array.isArray(node)) waiting.push(...(node as unknown[]));
    else if (typeof node === 'object' && node !== null) {
      const { kind, name, namePlace } = node as { kind?: string; name?: string; namePlace?: { from: number; to: number } };
      if (kind === 'call' && name !== undefined && namePlace !== undefined) {
        const known = found.get(name);
        if (known === undefined || known.from > namePlace.from) found.set(name, namePlace);
      }
      waiting.push(...Object.values(node));
    }
  }
  return found;
}
