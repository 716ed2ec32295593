/** What `serve` reads: the values of the schema in the form that the parts of the program take. */
import { parseHepEndpoint, parseRawListen, type HepEndpoint, type PortRange } from '../base/index.js';
import type { Script } from '../route/index.js';
import { headerMs, type ListenerSettings } from '../pipeline/input/hep-listeners.js';
import type { HepTargetOptions } from '../pipeline/output/hep-output.js';
import type { SinkOptions } from '../pipeline/options.js';
import { withShards, type KeepOptions } from '../store/index.js';
import type { HepId } from './hep-id.js';
import { splitSocketAddress, type SocketAddress } from './network-kinds.js';
import type { Values } from './schema.js';

export type Spelling = 'yaml' | 'cfg';

export interface DatabaseSettings extends Omit<SinkOptions, 'hep' | 'write' | 'rotation' | 'format'> {
  db: string;
}

export interface LiveSettings {
  mode: 'mirror' | 'ipip';
  interfaces: readonly string[];
  /** Outer destination of IP-in-IP; '' is any. */
  address: string;
  ports: readonly PortRange[];
  promiscuous: boolean;
  /** The kernel drops what the ports leave out. */
  kernelFilter: boolean;
  /** In libpcap syntax, instead of one built from the ports; '' for the latter. */
  filter: string;
  snapLength: number;
  bufferBytes: number;
  /** RTCP of the calls is read too. */
  rtcp: boolean;
  /** Their RTP is measured. */
  rtp: boolean;
}

export interface TargetSettings {
  /** Of its hep_id; '' where it has none. */
  name: string;
  endpoint: HepEndpoint;
  version: 1 | 2 | 3;
}

export interface Settings {
  spelling: Spelling;
  /** The state of the switch at startup. */
  captureOn: boolean;
  listeners: readonly HepEndpoint[];
  listening: ListenerSettings;
  /** '' accepts packets from everybody. */
  authKey: string;
  acceptRepeats: boolean;
  live: readonly LiveSettings[];
  /** Threads that decode frames; 0 is the main one alone. */
  workers: number;
  /** Processes that share the listeners; 0: one per core. */
  processes: number;
  /** The routes; null where there are none, and every SIP message is stored. */
  script: Script | null;
  /** `none`: without routes; `sip`: the main route; else the name of the route that runs first. */
  hepRoute: string;
  scriptVersion: '' | '2' | '3';
  unknownFunctions: 'error' | 'skip';
  scriptLimits: { maxWork: number; maxText: number };
  /** Each stores all messages. */
  databases: readonly DatabaseSettings[];
  targets: readonly TargetSettings[];
  /** Destinations with names, whether or not everything goes there. */
  hepIds: readonly TargetSettings[];
  relay: Omit<HepTargetOptions, 'targets'>;
  /** Chunk that the column correlation_id is read from. */
  correlationChunk: 0x0011 | 101;
  /** Null where everything is kept. */
  retention: (KeepOptions & { everySeconds: number }) | null;
  partitionAheadSeconds: number;
  mi: { fifo: string; replyDirectory: string; datagram: string; http: SocketAddress | null; token: string };
  metrics: SocketAddress | null;
  log: Values['log'];
  drainSeconds: number;
  /** Warn of an input that receives nothing for so long; 0: never. */
  silentAfterSeconds: number;
  user: string;
}

export function settingsOf(values: Values, spelling: Spelling, script: Script | null): Settings {
  const hepIds = values.hep_id.map(namedTarget);
  const { mi, spool, target } = values;
  return {
    spelling,
    captureOn: values.capture_on,
    listeners: listenersOf(values),
    listening: listeningOf(values),
    authKey: values.auth_key,
    acceptRepeats: values.accept_repeats,
    live: liveOf(values),
    workers: values.raw_sock_children > 1 ? values.raw_sock_children : 0,
    processes: values.processes,
    script,
    hepRoute: /^(?:none|sip)$/i.test(values.hep_route) ? values.hep_route.toLowerCase() : values.hep_route,
    scriptVersion: values.script_version,
    unknownFunctions: values.unknown_functions,
    scriptLimits: { maxWork: values.script.max_statements, maxText: values.script.max_text },
    databases: databasesOf(values),
    targets: values.hep_targets.map(
      (text) =>
        hepIds.find(({ name }) => name === text) ?? { name: '', endpoint: parseHepEndpoint(text), version: target.version as 1 | 2 | 3 },
    ),
    hepIds,
    relay: {
      policy: target.policy,
      spool: spool.directory,
      spoolSync: spool.sync,
      spoolRate: spool.rate,
      spoolMaxBytes: spool.max_size,
      spoolMaxAgeSeconds: spool.max_age,
      tlsCa: target.ca,
      tlsCertificate: target.certificate,
      tlsKey: target.key,
      identity: target.identity,
      waits: false,
      cooldown: { afterFailures: values.hep_max_retries, seconds: values.hep_retry_cooldown },
      encoder: {
        version: target.version as 1 | 2 | 3,
        captureId: values.hep_capture_id,
        captureName: target.name,
        compress: values.compressed_payload,
        authKey: target.auth_key === '' ? null : Buffer.from(target.auth_key),
      },
    },
    correlationChunk: values.homer5_on ? 0x0011 : 101,
    retention: retentionOf(values),
    partitionAheadSeconds: values.partition_ahead,
    mi: {
      fifo: mi.fifo,
      replyDirectory: mi.reply_directory,
      datagram: mi.datagram,
      http: mi.http === '' ? null : splitSocketAddress(mi.http),
      token: mi.token,
    },
    metrics: values.metrics.listen === '' ? null : splitSocketAddress(values.metrics.listen),
    log: values.log,
    drainSeconds: values.drain_deadline,
    silentAfterSeconds: values.silent_after,
    user: values.user,
  };
}

export function listenersOf(values: Values): HepEndpoint[] {
  return values.hep_capture_on ? values.socket.map((text) => listenerOf(text, values.hep_port)) : [];
}

/** `hep_port` is for those that name no port. */
export function listenerOf(text: string, hepPort: number): HepEndpoint {
  const endpoint = parseHepEndpoint(text);
  return hepPort > 0 && !/:\d+$/.test(text.trim()) ? { ...endpoint, port: hepPort } : endpoint;
}

function listeningOf({ allow, tls, limits }: Values): ListenerSettings {
  const { connections, peer_connections: peerConnections, header_timeout: headerSeconds } = limits;
  return {
    allow,
    tlsCertificate: tls.certificate,
    tlsKey: tls.key,
    tlsClientCa: tls.client_ca,
    limits: { connections, peerConnections, headerMs: headerMs(headerSeconds) },
  };
}

function namedTarget({ name, endpoint, version }: HepId): TargetSettings {
  return { name, endpoint, version };
}

export function liveOf(values: Values): LiveSettings[] {
  const { live } = values;
  const { address, ports } = values.raw_socket_listen === '' ? { address: '', ports: [] } : parseRawListen(values.raw_socket_listen);
  const { snap_length: snapLength, buffer_size: bufferBytes, rtcp, rtp } = live;
  const shared = { snapLength, bufferBytes, promiscuous: values.promiscuous_on, rtcp, rtp };
  const raw = {
    ...shared,
    interfaces: [values.raw_interface === '' ? 'any' : values.raw_interface],
    ports,
    filter: '',
    kernelFilter: values.raw_moni_bpf_on,
  };
  const found: LiveSettings[] = [];
  // A kernel filter on the outer header would drop every tunnel, as it does in OpenSIPS.
  if (values.raw_ipip_capture_on) found.push({ ...raw, mode: 'ipip', address, kernelFilter: false });
  if (values.raw_moni_capture_on) found.push({ ...raw, mode: 'mirror', address: '' });
  if (live.interfaces.length > 0)
    found.push({
      ...shared,
      mode: 'mirror',
      interfaces: live.interfaces,
      address: '',
      ports: live.ports,
      filter: live.filter,
      kernelFilter: true,
    });
  return found;
}

function databasesOf(values: Values): DatabaseSettings[] {
  const main: DatabaseSettings = {
    db: withShards(values.db_url, values.shards),
    shape: values.table_shape,
    table: values.table_name,
    reportTable: values.rtcp_table_name,
    reportShape: reportShapeOf(values.table_shape, values),
    dataHeaders: values.data_headers,
    alegHeaders: values.aleg_headers,
    tableTime: values.table_time,
    captureNode: values.capture_node,
    customFields: [values.custom_field1, values.custom_field2, values.custom_field3],
    localDate: values.date === 'local',
    renames: values.columns,
    partition: values.partition,
    batchRows: values.max_async_queries,
    quarantine: values.quarantine,
  };
  const additional = values.databases.map((own): DatabaseSettings => ({
    ...main,
    db: withShards(own.db_url, own.shards),
    shape: own.table_shape || main.shape,
    reportShape: reportShapeOf(own.table_shape || main.shape, values),
    table: own.table_name || main.table,
    reportTable: own.rtcp_table_name || main.reportTable,
    renames: Object.keys(own.columns).length > 0 ? own.columns : main.renames,
    partition: own.partition === '' ? (own.table_shape === '' ? main.partition : 'none') : own.partition,
  }));
  return main.db === '' ? additional : [main, ...additional];
}

/** Of the shapes only two say which columns reports have. */
function reportShapeOf(shape: Values['table_shape'], { homer5_on: homer5 }: Values): 'homer5' | 'homer6' {
  return shape === 'homer5' || shape === 'homer6' ? shape : homer5 ? 'homer5' : 'homer6';
}

function retentionOf({ retention }: Values): Settings['retention'] {
  const { keep, keep_size: size, keep_rows: rows, every } = retention;
  if (keep === 0 && size === 0 && rows === 0) return null;
  return { keepSeconds: keep || Infinity, keepBytes: size || Infinity, keepRows: rows || Infinity, additional: [], everySeconds: every };
}
