/**
 * The web server of an OpenSIPS script: mi_http serves management and prometheus metrics on the address of httpd. Management
 * that other machines reach needs a token here.
 */
import { isLoopback } from '../base/index.js';
import type { ModuleParameter, Script } from '../route/index.js';
import type { Draft, Spot } from './draft.js';
import type { Report } from './problems.js';

export const HTTP_MODULES = ['httpd', 'mi_http', 'prometheus'];

/** OpenSIPS' defaults. */
const PORT = '8888';
const ROOTS: Readonly<Record<string, string>> = { mi_http: 'mi', prometheus: 'metrics' };

/** Applied after the environment and flags, which take precedence. */
export function readHttp(script: Script, draft: Draft, report: Report): void {
  const { source } = script;
  const diagnostics = report.for(source);
  const parameters = script.moduleParameters.filter(({ modules }) => modules.some((one) => HTTP_MODULES.includes(one)));
  const loaded = script.modules.filter(({ name }) => name === 'mi_http' || name === 'prometheus');
  const given = (module: string, name: string) => parameters.findLast((one) => one.modules.includes(module) && one.name === name);
  const ip = given('httpd', 'ip');
  const port = given('httpd', 'port');
  const host = String(ip?.value ?? '0.0.0.0').replace(/^\*?$/, '0.0.0.0');
  const address = `${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}:${port?.value ?? PORT}`;
  for (const parameter of parameters) {
    const { modules, name, place, value } = parameter;
    const root = name === 'root' ? ROOTS[modules[0]] : undefined;
    if (loaded.length > 0 && (parameter === ip || parameter === port)) continue;
    if (root === undefined) diagnostics.note(place, `${name} of ${modules.join('|')} ignored: not used for capturing`);
    else if (String(value).replace(/^\//, '') !== root)
      diagnostics.note(place, `root of ${modules[0]} ignored: the path is always /${root}`);
  }
  for (const { name, place } of loaded) {
    const path = name === 'mi_http' ? 'mi.http' : 'metrics.listen';
    if (draft.spot(path) !== null) continue;
    if (path === 'mi.http' && !isLoopback(host) && !hasToken(draft)) {
      const repair = 'set mi.token (modparam("sipcap", "mi.token", "...")), or modparam("httpd", "ip", "127.0.0.1")';
      diagnostics.warn(place, `mi_http not opened: other machines reach ${address}, and mi.token is not set`, repair);
    } else draft.set(path, address, spotOf(script, place, port ?? ip));
  }
}

function hasToken(draft: Draft): boolean {
  return (draft.get('mi.token') ?? '') !== '';
}

function spotOf({ source }: Script, module: Spot['name'], parameter: ModuleParameter | undefined): Spot {
  if (parameter === undefined) return { kind: 'file', source, name: module, value: module };
  return { kind: 'file', source, name: parameter.namePlace, value: parameter.valuePlace };
}
