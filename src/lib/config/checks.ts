/** Checks across settings: those that need or exclude each other. */
import { isLoopback, ownListenerProblem, parseHepEndpoint } from '../base/index.js';
import { fixedProblem, shapeEngine } from '../row/index.js';
import { engineOf, parseDatabaseUrl } from '../store/index.js';
import { didYouMean, type Script, type Source } from '../route/index.js';
import { withShards } from '../store/index.js';
import type { Draft, Spot } from './draft.js';
import { attempt } from './kind.js';
import { splitSocketAddress } from './network-kinds.js';
import type { Report } from './problems.js';
import { calledFunctions } from './routes.js';
import type { Values } from './schema.js';
import { listenerOf, listenersOf, liveOf, type Spelling } from './node-config.js';

export interface Checked {
  values: Values;
  /** Settings that are invalid on their own: consequences are not reported. */
  wrong: ReadonlySet<string>;
  script: Script | null;
  spelling: Spelling;
  /** The configuration file, without its text: for errors that have no place in it. */
  file: Source;
  draft: Draft;
  report: Report;
}

export function checkTogether(checked: Checked): void {
  const { wrong } = checked;
  for (const { of, check } of CHECKS) if (!of.some((name) => wrong.has(name))) check(checked);
}

const CHECKS: readonly { of: readonly (keyof Values)[]; check: (checked: Checked) => void }[] = [
  { of: ['raw_ipip_capture_on', 'raw_moni_capture_on', 'raw_socket_listen', 'raw_interface', 'raw_moni_bpf_on'], check: checkRaw },
  { of: ['raw_ipip_capture_on', 'raw_moni_capture_on', 'socket', 'hep_capture_on', 'live'], check: checkInputs },
  { of: ['socket', 'hep_port', 'hep_capture_on', 'tls'], check: checkListeners },
  { of: ['hep_id', 'hep_targets', 'target'], check: checkTargets },
  { of: ['hep_id', 'hep_targets', 'socket', 'hep_port', 'hep_capture_on'], check: checkLoops },
  { of: ['table_name', 'rtcp_table_name'], check: checkTables },
  { of: ['table_shape', 'db_url', 'table_name', 'rtcp_table_name', 'partition', 'date'], check: checkShape },
  { of: ['hep_route', 'route', 'route_file'], check: checkHepRoute },
  { of: ['db_url', 'databases', 'hep_targets', 'hep_route', 'route', 'route_file'], check: checkOutputs },
  { of: ['db_url', 'shards', 'databases'], check: checkShards },
  { of: ['mi'], check: checkManagement },
  { of: ['processes', 'db_url', 'databases'], check: checkProcesses },
  { of: ['homer5_delim', 'raw_sock_children', 'live', 'capture_on'], check: checkEffects },
];

function checkRaw(checked: Checked): void {
  const { values, spelling, draft, report } = checked;
  if (values.raw_ipip_capture_on && values.raw_moni_capture_on) {
    report.error(
      spotOf(checked, 'raw_moni_capture_on'),
      'raw_ipip_capture_on and raw_moni_capture_on cannot be combined',
      'switch one of them off',
    );
  }
  // In YAML a mirror port without ports takes all of them; with a script OpenSIPS refuses to start.
  if (spelling === 'cfg' && values.raw_moni_capture_on && !/:\d[\d-]*$/.test(values.raw_socket_listen)) {
    report.error(
      spotOf(checked, 'raw_moni_capture_on'),
      'raw_moni_capture_on needs ports',
      'write modparam("sipcapture", "raw_socket_listen", "0.0.0.0:5060")',
    );
  }
  const raw = values.raw_ipip_capture_on || values.raw_moni_capture_on;
  for (const name of ['raw_socket_listen', 'raw_interface', 'raw_moni_bpf_on'] as const) {
    const spot = draft.spot(name);
    if (!raw && spot !== null && values[name] !== '' && values[name] !== false)
      report.warn(spot, `${name} has no effect: raw_ipip_capture_on and raw_moni_capture_on are off`);
  }
}

function checkInputs(checked: Checked): void {
  const { values, spelling, draft, report } = checked;
  if (liveOf(values).length > 0 || (values.hep_capture_on && values.socket.length > 0)) return;
  const hep = draft.spot('hep_capture_on');
  if (hep !== null && values.hep_capture_on) {
    report.error(
      hep,
      'hep_capture_on is on, but there is no socket for HEP',
      spelling === 'cfg' ? 'write socket=hep_udp:0.0.0.0:9060' : 'write socket: hep_udp:0.0.0.0:9060',
    );
  } else
    report.error(spotOf(checked, ''), 'no input configured', 'set socket (with hep_capture_on), live.interfaces, or raw_moni_capture_on');
}

function checkListeners(checked: Checked): void {
  const { values, report } = checked;
  if (!values.hep_capture_on && values.socket.length > 0) {
    report.warn(spotOf(checked, 'socket'), 'socket has no effect: hep_capture_on is off');
    return;
  }
  const seen = new Map<string, number>();
  values.socket.forEach((text, i) => {
    const { transport, host, port } = listenerOf(text, values.hep_port);
    const place = `${transport === 'udp' ? 'udp' : 'tcp'}:${host}:${port}`;
    if (seen.has(place))
      report.error(
        spotOf(checked, `socket[${i}]`),
        `${transport === 'udp' ? 'UDP' : 'TCP'} port ${port} is already used by another listener`,
      );
    seen.set(place, i);
    if (transport === 'tls' && (values.tls.certificate === '' || values.tls.key === '')) {
      report.error(spotOf(checked, `socket[${i}]`), 'hep_tls needs tls.certificate and tls.key');
    }
  });
}

function checkTargets(checked: Checked): void {
  const { values, report } = checked;
  const names = values.hep_id.map(({ name }) => name);
  values.hep_id.forEach(({ name, fellBack, version }, i) => {
    if (names.indexOf(name) < i) report.error(spotOf(checked, `hep_id[${i}]`), `duplicate hep_id '${name}'`);
    if (fellBack) report.warn(spotOf(checked, `hep_id[${i}]`), `HEP version ${version} works over UDP only; using transport=udp`);
  });
  values.hep_targets.forEach((text, i) => {
    const spot = spotOf(checked, `hep_targets[${i}]`);
    const isWord = !text.includes(':');
    if (isWord && !names.includes(text))
      report.error(spot, `unknown hep_id '${text}'`, didYouMean(text, names) || 'expected the name of a hep_id, or hep_tcp:host:port');
    if (!isWord && values.target.version < 3 && !/^(?:hep_)?udp:/i.test(text))
      report.error(spot, `HEP version ${values.target.version} works over UDP only`, 'use hep_udp:, or target.version 3');
  });
}

/** Targets that are listeners of the node itself. */
function checkLoops(checked: Checked): void {
  const { values, report } = checked;
  const listeners = listenersOf(values);
  values.hep_targets.forEach((text, i) => {
    const target = values.hep_id.find(({ name }) => name === text)?.endpoint ?? (text.includes(':') ? parseHepEndpoint(text) : null);
    const problem = target === null ? '' : ownListenerProblem(target, listeners);
    if (problem !== '') report.error(spotOf(checked, `hep_targets[${i}]`), problem, 'name another node');
  });
}

function checkTables(checked: Checked): void {
  const { values, report } = checked;
  if (values.table_name.toLowerCase() === values.rtcp_table_name.toLowerCase()) {
    const spot = checked.draft.spot('rtcp_table_name') ?? spotOf(checked, 'table_name');
    report.error(spot, `SIP and reports cannot share the table ${values.table_name}: their columns differ`);
  }
}

/** What contradicts the set of tables. */
function checkShape(checked: Checked): void {
  const { values, report } = checked;
  const { table_shape: shape } = values;
  if (shape === '') return;
  const engine = shapeEngine(shape);
  const kind = values.db_url === '' ? engine : parseDatabaseUrl(values.db_url).kind;
  if (engine !== null && kind !== engine && kind !== null)
    report.error(
      spotOf(checked, 'table_shape'),
      `the tables of ${shape} are ${engineOf(engine).title}'s, but db_url is ${engineOf(kind).title}`,
    );
  const named =
    values.table_name !== 'sip_capture' ? 'table_name' : values.rtcp_table_name !== 'rtcp_capture' ? 'rtcp_table_name' : undefined;
  const wishes = { isNamed: named !== undefined, isPartitioned: values.partition !== 'none', isLocal: values.date === 'local' };
  const problem = fixedProblem(shape, wishes);
  if (problem !== '') report.error(spotOf(checked, named ?? (wishes.isPartitioned ? 'partition' : 'date')), problem);
}

function checkHepRoute(checked: Checked): void {
  const {
    values: { hep_route: route },
    script,
    report,
  } = checked;
  if (/^(?:none|sip)$/i.test(route)) return;
  const names = script?.routes.filter(({ kind }) => kind === 'route').map(({ name }) => name) ?? [];
  if (names.includes(route)) return;
  const meant = didYouMean(route, [...names.filter((name) => name !== ''), 'none', 'sip']);
  report.error(spotOf(checked, 'hep_route'), `unknown route[${route}]`, meant || 'expected none, sip, or the name of a route');
}

/** As in OpenSIPS: a database is needed if the routes store, or if everything is stored without them. */
function checkOutputs(checked: Checked): void {
  const { values, script, report } = checked;
  values.databases.forEach(({ db_url: url }, i) => {
    if (url === '') report.error(spotOf(checked, `databases[${i}]`), 'db_url missing');
  });
  if (values.db_url !== '' || values.databases.length > 0) return;
  if (script === null || values.hep_route.toLowerCase() === 'none') {
    if (values.hep_targets.length === 0) report.error(spotOf(checked, ''), 'no output configured', 'set db_url or hep_targets');
    return;
  }
  const called = calledFunctions(script);
  for (const name of ['sip_capture', 'report_capture']) {
    const place = called.get(name);
    if (place !== undefined) report.for(script.source).error(place, `${name}() needs a database, but db_url is not set`);
  }
}

function checkShards(checked: Checked): void {
  const { values, report } = checked;
  const urls = [{ ...values, path: 'shards' }, ...values.databases.map((own, i) => ({ ...own, path: `databases[${i}].shards` }))];
  for (const { db_url: url, shards, path } of urls)
    attempt(
      () => void withShards(url, shards),
      (message) => report.error(spotOf(checked, path), message),
    );
}

/** Settings without effect, and those that exclude each other. */
function checkEffects(checked: Checked): void {
  const { values, draft, report } = checked;
  if (report.errorCount === 0 && !values.capture_on && (values.db_url !== '' || values.databases.length > 0))
    report.note(spotOf(checked, 'capture_on'), 'capture_on is off: no SIP is stored until it is switched on (sipcap mi sip_capture on)');
  const delimiter = draft.spot('homer5_delim');
  if (delimiter !== null) report.warn(delimiter, 'homer5_delim has no effect in sipcap');
  const workers = draft.spot('raw_sock_children');
  for (const name of ['rtcp', 'rtp'] as const)
    if (workers !== null && values.raw_sock_children > 1 && values.live[name])
      report.error(workers, `live.${name} needs all flows in one thread`, 'remove raw_sock_children');
}

/** Several processes cannot write to one SQLite file. */
function checkProcesses(checked: Checked): void {
  const { values, report } = checked;
  const isSqlite = [values.db_url, ...values.databases.map(({ db_url: url }) => url)].some((url) => /^sqlite:/i.test(url));
  if (values.processes !== 1 && isSqlite)
    report.error(spotOf(checked, 'processes'), 'processes excludes SQLite, which has one writer', 'use MariaDB, PostgreSQL or ClickHouse');
}

function checkManagement(checked: Checked): void {
  const {
    values: { mi },
    report,
  } = checked;
  const datagram = /^udp:(.+)$/i.exec(mi.datagram);
  if (datagram !== null && !isLoopback(splitSocketAddress(datagram[1]).host))
    report.error(
      spotOf(checked, 'mi.datagram'),
      'mi.datagram must be on loopback: datagrams carry no token',
      'use udp:127.0.0.1:8080 or the path of a UNIX socket; for other machines mi.http with mi.token',
    );
  if (mi.http === '' || mi.token !== '' || isLoopback(splitSocketAddress(mi.http).host)) return;
  report.error(
    spotOf(checked, 'mi.http'),
    'mi.http is reachable from other machines: it needs mi.token',
    'set a token, or listen on 127.0.0.1',
  );
}

function spotOf({ draft, file }: Checked, path: string): Spot {
  const begin = { from: 0, to: 0 };
  return draft.spot(path) ?? { kind: 'file', source: file, name: begin, value: begin };
}
