/**
 * An OpenSIPS script to a draft: `modparam` lines of sipcapture and proto_hep, sockets, `db_default_url`. Settings that
 * OpenSIPS lacks are written as modparam("sipcap", "spool.directory", "..."). What concerns other modules is ignored
 * with a notice.
 */
import { isLoopback } from '../base/index.js';
import { didYouMean, type GlobalParameter, type LoadModule, type ModuleParameter, type Script, type Source } from '../route/index.js';
import { HTTP_MODULES } from './opensips-http.js';
import { OWN_MODULES, meaningOf, opensipsUrl, parametersOf } from './opensips-parameters.js';
import { readSockets } from './opensips-sockets.js';
import { TLS_MODULES, readTls } from './opensips-tls.js';
import type { Draft, Spot } from './draft.js';
import type { Report } from './problems.js';
import { pathRepair, settingRows } from './rows.js';

/** Module of our own settings in a script. */
const OURS = 'sipcap';
/** The compiler of the routes reads these itself. */
const READ_BY_ROUTES: readonly string[] = ['max_while_loops', 'alias'];

/** How many processes OpenSIPS has; one of sipcap's does the work of several. */
const PROCESSES: readonly string[] = ['udp_workers', 'tcp_workers', 'children', 'tcp_children'];
const PROCESSES_REPAIR = `where one core is not enough, write modparam("${OURS}", "processes", "auto")`;

export function readScript(script: Script, draft: Draft, report: Report): void {
  const { source } = script;
  // OpenSIPS' default.
  draft.tree.capture_on = 'off';
  draft.tree.hep_capture_on = 'off';
  for (const module of script.modules) loadedModule(module, source, report);
  for (const parameter of script.moduleParameters)
    for (const module of parameter.modules) moduleParameter(module, parameter, source, draft, report);
  for (const parameter of script.parameters) globalParameter(parameter, source, draft, report);
  readSockets(script, draft, report);
  readTls(script, draft, report);
}

function loadedModule({ name, place }: LoadModule, source: Source, report: Report): void {
  if (!OWN_MODULES.includes(name)) report.for(source).note(place, `module ${name} ignored: not needed for capturing`);
}

function moduleParameter(module: string, parameter: ModuleParameter, source: Source, draft: Draft, report: Report): void {
  const spot: Spot = { kind: 'file', source, name: parameter.namePlace, value: parameter.valuePlace };
  const value = String(parameter.value);
  const { name } = parameter;
  if (HTTP_MODULES.includes(module) || TLS_MODULES.includes(module)) return;
  if (module === OURS) return ownParameter(name, value, spot, draft, report);
  const meaning = meaningOf(module, name);
  if (meaning === null) {
    if (module !== 'sipcapture' && module !== 'proto_hep') {
      report.for(source).note(parameter.place, `${name} of ${module} ignored: not used for capturing`);
      return;
    }
    report.for(source).error(parameter.namePlace, `unknown parameter '${name}' of ${module}`, didYouMean(name, parametersOf(module)));
    return;
  }
  switch (meaning.kind) {
    case 'idle':
      return report.for(source).note(parameter.place, `${name} ignored: ${meaning.why}`);
    case 'item':
      return draft.add(meaning.path, value, spot);
    case 'column':
      return draft.set(`columns.${meaning.ours}`, value, spot);
    case 'setting':
      if (meaning.path === 'mi.datagram' && isReachable(value))
        return report.warn(
          spot,
          `mi_datagram not opened: other machines reach ${value}, and datagrams carry no token`,
          'use udp:127.0.0.1:8080 or the path of a UNIX socket; for other machines mi.http with mi.token',
        );
      return once(meaning.path, meaning.path === 'db_url' ? databaseUrl(value, spot, report) : value, spot, draft, report);
  }
}

function ownParameter(path: string, value: string, spot: Spot, draft: Draft, report: Report): void {
  const rows = settingRows().filter(({ variable, isLong }) => variable !== '' && isLong !== true);
  const row = rows.find((one) => one.path === path);
  if (row === undefined) {
    // It may be a secret with a misspelt name.
    report.hide(spot.source, spot.value);
    report.for(spot.source).error(
      spot.name,
      `unknown setting '${path}'`,
      pathRepair(
        path,
        rows.map((one) => one.path),
      ),
    );
  } else if (row.isList === true) draft.add(path, value, spot);
  else once(path, value, spot, draft, report);
}

function isReachable(socket: string): boolean {
  const match = /^udp:(.+)$/i.exec(socket);
  return match !== null && !isLoopback(match[1].replace(/:\d+$/, '').replace(/^\[|\]$/g, ''));
}

function databaseUrl(text: string, spot: Spot, report: Report): string {
  const url = opensipsUrl(text);
  if (url !== text) report.note(spot, '% in user and password is taken literally, as in OpenSIPS');
  return url;
}

/** The last one is used, as in OpenSIPS. */
function once(path: string, value: string, spot: Spot, draft: Draft, report: Report): void {
  const before = draft.spot(path);
  if (before !== null)
    report
      .for(spot.source)
      .warn(spot.name, `${path} is already set in line ${before.source.lineColumn(before.value.from).line}; this value is used`);
  draft.set(path, value, spot);
}

/** Parameters of OpenSIPS itself. */
function globalParameter({ name, value, place, valuePlace }: GlobalParameter, source: Source, draft: Draft, report: Report): void {
  if (name === 'socket' || name === 'listen') return;
  if (name === 'db_default_url') {
    // Only where sipcapture has no db_url of its own.
    const spot: Spot = { kind: 'file', source, name: place, value: valuePlace };
    if (draft.spot('db_url') === null) draft.set('db_url', databaseUrl(value, spot, report), spot);
    return;
  }
  if (name === 'script_version')
    draft.set('script_version', value.trim().split('.')[0], { kind: 'file', source, name: place, value: valuePlace });
  else if (PROCESSES.includes(name)) report.for(source).note(place, `${name} ignored: sipcap needs fewer processes`, PROCESSES_REPAIR);
  else if (!READ_BY_ROUTES.includes(name)) report.for(source).note(place, `${name} ignored: concerns OpenSIPS itself`);
}
