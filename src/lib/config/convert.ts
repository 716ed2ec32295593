/** A script as YAML: the settings that it sets, its routes as text, and what was omitted as comments. */
import { stringify } from 'yaml';
import type { RouteBlock, Script } from '../route/index.js';
import type { Draft, Tree } from './draft.js';
import type { RawValue } from './kind.js';
import { schema, type Values } from './schema.js';

export interface Converted {
  /** The file that was converted. */
  name: string;
  draft: Draft;
  /** The values that the draft's texts resulted in. */
  values: Values;
  script: Script | null;
  leftOut: readonly string[];
}

export function convertedText({ name, draft, values, script, leftOut }: Converted): string {
  const shown = Object.keys(schema.shape).filter((key) => draft.tree[key] !== undefined && key !== 'route');
  const settings = shown.map((key) => stringify({ [key]: plain(draft.tree[key], values[key as keyof Values]) }, { lineWidth: 0 })).join('');
  const routes = script === null || script.routes.length === 0 ? '' : `\nroute: |\n${indented(routesText(script))}`;
  const rest =
    leftOut.length === 0 ? '' : `\n# Left out or changed:\n${leftOut.map((one) => `# ${one.replace(/[^\x20-\x7e]/g, '?')}\n`).join('')}`;
  return `# Converted from ${name.replace(/[^\x20-\x7e]/g, '?')} by sipcap config convert.\n${settings}${routes}${rest}`;
}

/** Texts of a script in idiomatic YAML: a switch of 1 is on, numbers have no quotes. */
function plain(written: Tree | RawValue, value: unknown): unknown {
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  if (Array.isArray(written)) return (written as RawValue[]).map((one) => plain(one, undefined));
  if (typeof written === 'object' && written !== null)
    return Object.fromEntries(
      Object.entries(written as Tree).map(([name, one]) => [name, plain(one, (value as Record<string, unknown> | undefined)?.[name])]),
    );
  return typeof written === 'string' && typeof value !== 'string' && /^(?:0|[1-9]\d{0,14})$/.test(written) ? Number(written) : written;
}

/** The routes with the comments above them, and the parameters of the script that they depend on. */
function routesText(script: Script): string {
  const text = script.routes.map((route) => blockText(script, route)).join('\n\n');
  const head = script.parameters.filter(({ name }) => name === 'max_while_loops').map(({ name, value }) => `${name} = ${value.trim()}`);
  if (/myself/.test(text)) head.push(...ownNames(script));
  return `${head.map((line) => `${line}\n`).join('')}${text}`.replace(/\r\n?/g, '\n');
}

/** What `myself` compares with. */
function ownNames({ parameters }: Script): string[] {
  return parameters
    .filter(({ name }) => name === 'socket' || name === 'listen' || name === 'alias')
    .map(({ value }) => `alias = ${value.trim()}`);
}

function blockText({ source: { text } }: Script, { place }: RouteBlock): string {
  let { from } = place;
  for (;;) {
    const before = text.lastIndexOf('\n', from - 2) + 1;
    const begin = text.lastIndexOf('\n', from - 1) + 1;
    // A comment in the lines above the route.
    if (begin !== from || from === 0 || !/^[ \t]*(?:#|\/\/)/.test(text.slice(before, from))) break;
    from = before;
  }
  return text.slice(from, place.to);
}

/** Lines without text stay empty. */
function indented(text: string): string {
  return text
    .split('\n')
    .map((line) => (line === '' ? '\n' : `  ${line}\n`))
    .join('');
}
