/** What no single setting shows: settings that need or exclude each other. */
import { didYouMean, type Script, type Source } from '../route/index.js';
import type { Draft, Spot } from './draft.js';
import { isLoopback } from './loopback.js';
import { splitSocketAddress } from './network-kinds.js';
import type { Report } from './problems.js';
import { calledFunctions } from './routes.js';
import type { Values } from './schema.js';
import { listenerOf, settingsOf, type Spelling } from './node-config.js';

export interface Checked {
  values: Values;
  /** Settings that are wrong by themselves: nothing is said of what follows from them. */
  wrong: ReadonlySet<string>;
  script: Script | null;
  spelling: Spelling;
  /** The configuration file, without its text: for mistakes that stand nowhere in it. */
  integer: Source;
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
  { of: ['table_name', 'rtcp_table_name'], check: checkTables },
  { of: ['hep_route', 'route', 'route_file'], check: checkHepRoute },
  { of: ['db_url', 'databases', 'hep_targets', 'hep_route', 'route', 'route_file'], check: checkOutputs },
  { of: ['mi'], check: checkManagement },
  { of: ['homer5_delim', 'raw_sock_children', 'live'], check: checkEffects },
];

function checkRaw(checked: Checked): void {
  const { values, spelling, draft, report } = checked;
  if (values.raw_ipip_capture_on && values.raw_moni_capture_on) {
    report.error(
      spotOf(checked, 'raw_moni_capture_on'),
      'raw_ipip_capture_on and raw_moni_capture_on exclude each other',
      'switch one of them off',
    );
  }
  // In YAML a mirror port without ports to look at is a wish; in a script the original refuses to start.
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
  if (settingsOf(values, spelling, null).live.length > 0 || (values.hep_capture_on && values.socket.length > 0)) return;
  const hep = draft.spot('hep_capture_on');
  if (hep !== null && values.hep_capture_on) {
    report.error(
      hep,
      'hep_capture_on is on, and nothing listens',
      spelling === 'cfg' ? 'write socket=hep_udp:0.0.0.0:9060' : 'write socket: hep_udp:0.0.0.0:9060',
    );
  } else
    report.error(
      spotOf(checked, ''),
      'there is nothing to capture',
      'give a socket for HEP (and hep_capture_on), interfaces, or raw_moni_capture_on',
    );
}

function checkListeners(checked: Checked): void {
  const { values, report } = checked;
  if (!values.hep_capture_on && values.socket.length > 0) {
    report.warn(spotOf(checked, 'socket'), 'nothing listens here: hep_capture_on is off');
    return;
  }
  const seen = new Map<string, number>();
  values.socket.forEach((text, i) => {
    const { transport, host, port } = listenerOf(text, values.hep_port);
    const place = `${transport === 'udp' ? 'udp' : 'tcp'}:${host}:${port}`;
    if (seen.has(place))
      report.error(spotOf(checked, `socket[${i}]`), `another listener has ${transport === 'udp' ? 'UDP' : 'TCP'} port ${port} already`);
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
    if (names.indexOf(name) < i) report.error(spotOf(checked, `hep_id[${i}]`), `hep_id '${name}' is there twice`);
    if (fellBack) report.warn(spotOf(checked, `hep_id[${i}]`), `HEP version ${version} goes over UDP only: transport=udp is used`);
  });
  values.hep_targets.forEach((text, i) => {
    const spot = spotOf(checked, `hep_targets[${i}]`);
    const isWord = !text.includes(':');
    if (isWord && !names.includes(text))
      report.error(spot, `'${text}' is no hep_id, and no endpoint`, didYouMean(text, names) || 'write hep_tcp:host:port');
    if (!isWord && values.target.version < 3 && !/^(?:hep_)?udp:/i.test(text))
      report.error(spot, `HEP version ${values.target.version} goes over UDP only`, 'write hep_udp:, or target.version 3');
  });
}

function checkTables(checked: Checked): void {
  const { values, report } = checked;
  if (values.table_name.toLowerCase() === values.rtcp_table_name.toLowerCase()) {
    const spot = checked.draft.spot('rtcp_table_name') ?? spotOf(checked, 'table_name');
    report.error(spot, `SIP and reports cannot share the table ${values.table_name}: they have other columns`);
  }
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
  report.error(spotOf(checked, 'hep_route'), `there is no route[${route}]`, meant || 'hep_route is none, sip, or the name of a route');
}

/** As the original: a database is needed where the routes store, and where everything is stored without them. */
function checkOutputs(checked: Checked): void {
  const { values, script, report } = checked;
  values.databases.forEach(({ db_url: url }, i) => {
    if (url === '') report.error(spotOf(checked, `databases[${i}]`), 'this database has no db_url');
  });
  if (values.db_url !== '' || values.databases.length > 0) return;
  if (script === null || values.hep_route.toLowerCase() === 'none') {
    if (values.hep_targets.length === 0) report.error(spotOf(checked, ''), 'nothing is stored or sent on', 'give db_url, or hep_targets');
    return;
  }
  const called = calledFunctions(script);
  for (const name of ['sip_capture', 'report_capture']) {
    const place = called.get(name);
    if (place !== undefined) report.for(script.source).error(place, `${name}() needs a database, and db_url is not set`);
  }
}

/** What is taken and changes nothing, and what excludes each other. */
function checkEffects({ values, draft, report }: Checked): void {
  const delimiter = draft.spot('homer5_delim');
  if (delimiter !== null) report.warn(delimiter, 'homer5_delim has no effect here: what is sent has no parts');
  const workers = draft.spot('raw_sock_children');
  if (workers !== null && values.raw_sock_children > 1 && values.live.rtcp)
    report.error(workers, 'live.rtcp needs the calls of all flows in one place', 'leave raw_sock_children out');
}

function checkManagement(checked: Checked): void {
  const {
    values: { mi },
    report,
  } = checked;
  if (mi.http === '' || mi.token !== '' || isLoopback(splitSocketAddress(mi.http).host)) return;
  report.error(spotOf(checked, 'mi.http'), 'mi.http is reached from elsewhere: it needs mi.token', 'give a token, or listen on 127.0.0.1');
}

function spotOf({ draft, integer }: Checked, path: string): Spot {
  const begin = { from: 0, to: 0 };
  return draft.spot(path) ?? { kind: 'file', source: integer, name: begin, value: begin };
}
