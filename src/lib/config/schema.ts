/**
 * The one schema behind both syntaxes: names as OpenSIPS users know them, their meaning and their defaults. Its order
 * is that of `config show`.
 */
import { z } from 'zod';
import {
  cidr,
  databaseUrl,
  datagramSocket,
  hepEndpoint,
  hepId,
  hepTarget,
  path,
  ports,
  rawListen,
  shards,
  socketAddress,
  tableName,
} from './network-kinds.js';
import { list } from './kind.js';
import { age, keptAge, parameterAge, onOff, oneOf, secret, size, text, integer } from './plain-kinds.js';
import { columnNames } from './column-names.js';
import { SHAPES } from '../row/index.js';
import { setting } from './setting.js';

const MAX_U32 = 0xffffffff;
/** Measured: larger batches are not faster on any of the three databases. */
export const BATCH_ROWS = 1000;

/** What an additional database may set for itself; the rest is as for the first. */
const database = z.strictObject({
  db_url: setting(databaseUrl, '', 'URL of the database', { secret: 'part' }),
  shards: setting(shards, [], 'its servers, as lists of those that hold the same data'),
  table_name: setting(text, '', 'table for SIP messages'),
  rtcp_table_name: setting(text, '', 'table for reports'),
  table_shape: setting(oneOf('', ...SHAPES), '', 'its set of tables'),
  columns: setting(columnNames, {}, 'names that columns have in its table (callid: call_id)'),
  partition: setting(oneOf('', 'none', 'day', 'hour'), '', 'partitions of tables created on demand'),
});

const tls = z.strictObject({
  certificate: setting(path, '', 'certificate of hep_tls listeners (PEM); read again on SIGHUP', { isPath: true }),
  key: setting(path, '', 'its private key (PEM)', { isPath: true }),
  client_ca: setting(path, '', 'require client certificates of this authority (PEM)', { isPath: true }),
});

const limits = z.strictObject({
  connections: setting(integer(1, 1_000_000), 4096, 'maximum TCP and TLS connections per listener'),
  peer_connections: setting(integer(1, 1_000_000), 64, 'maximum TCP and TLS connections per peer address'),
  header_timeout: setting(age, 10, 'close connections that have sent no HEP header within this time; 0: never'),
});

const live = z.strictObject({
  interfaces: setting(list(text), [], 'interfaces to capture on', { isList: true }),
  ports: setting(ports, [], 'only messages from or to these ports (5060, 5060-5090)'),
  filter: setting(text, '', 'kernel filter in libpcap syntax, instead of one made from the ports'),
  snap_length: setting(integer(64, 262_144), 262_144, 'maximum bytes captured of a frame'),
  buffer_size: setting(size, 64_000_000, 'size of the kernel buffer (64M)'),
  rtcp: setting(onOff, false, 'decode the RTCP of calls into reports (payload type 5)'),
  rtp: setting(onOff, false, 'measure the RTP of calls: a report of each stream (payload type 34), and metrics'),
});

const target = z.strictObject({
  policy: setting(
    oneOf('all', 'failover', 'balance'),
    'all',
    'all: every target gets everything; failover: the first that works; balance: calls are shared out',
  ),
  version: setting(integer(1, 3), 3, 'HEP version of packets created by this node'),
  name: setting(text, '', 'agent name in packets created by this node (chunk 0x0013)'),
  auth_key: setting(secret, '', 'authentication key in packets created by this node (chunk 0x000e)', { secret: 'all' }),
  identity: setting(
    oneOf('made', 'always', 'none'),
    'made',
    'identity chunk (0x5343:0x0101). made: in packets created by this node; always: in relayed ones too, and what is in doubt is repeated (for sipcap targets)',
  ),
  ca: setting(path, '', "certificate authority of hep_tls targets (PEM); default: the system's", { isPath: true }),
  certificate: setting(path, '', 'client certificate for hep_tls targets (PEM)', { isPath: true }),
  key: setting(path, '', 'its private key (PEM)', { isPath: true }),
});

const spool = z.strictObject({
  directory: setting(path, '', 'directory for what a database or target cannot take yet', { isPath: true }),
  sync: setting(oneOf('always', 'interval', 'never'), 'interval', 'when the spool is synced to disk'),
  rate: setting(integer(-1, 10_000_000), -1, 'packets per second sent from the spool; 0: unlimited, -1: depends on the transport'),
  max_size: setting(size, 0, 'maximum size of a spool (20G); the oldest packets are discarded and counted; 0: unlimited'),
  max_age: setting(age, 0, 'maximum age in a spool (7d); older packets are discarded and counted; 0: unlimited'),
});

const retention = z.strictObject({
  keep: setting(keptAge, 0, 'delete messages older than this (36h, 14d, 8w); 0: never'),
  keep_size: setting(size, 0, 'keep the newest bytes up to this size (200G); 0: unlimited'),
  keep_rows: setting(integer(0, Number.MAX_SAFE_INTEGER), 0, 'keep the newest N rows; 0: unlimited'),
  every: setting(age, 3600, 'how often old messages are deleted'),
});

const script = z.strictObject({
  include_path: setting(list(path), [], 'folders of include_file and import_file; default: that of the script', {
    isPath: true,
    isList: true,
  }),
  max_statements: setting(integer(100, 1_000_000_000), 100_000, 'maximum statements of the script for one message'),
  max_text: setting(integer(1024, 16_777_216), 65_536, 'maximum characters of a text that the script puts together'),
});

const mi = z.strictObject({
  fifo: setting(path, '', 'FIFO for management commands', { isPath: true }),
  reply_directory: setting(path, '', 'folder of reply FIFOs; by default that of the FIFO', { isPath: true }),
  datagram: setting(datagramSocket, '', 'datagram socket for management commands: udp:127.0.0.1:8080, or the path of a UNIX socket'),
  http: setting(socketAddress, '', 'address and port of POST /mi for management commands'),
  token: setting(secret, '', 'bearer token for mi.http; required beyond loopback', { secret: 'all' }),
});

const metrics = z.strictObject({
  listen: setting(socketAddress, '', 'address and port of /metrics, /healthz and /readyz'),
});

const log = z.strictObject({
  level: setting(oneOf('debug', 'info', 'warn', 'error'), 'info', 'minimum level that is logged'),
  format: setting(oneOf('auto', 'text', 'json'), 'auto', 'auto: text on a terminal, JSON otherwise'),
});

export const schema = z.strictObject({
  // Parameters of sipcapture.
  db_url: setting(databaseUrl, '', 'store into sqlite:PATH, mysql://…, postgres://… or clickhouse://…', { secret: 'part' }),
  shards: setting(shards, [], 'servers of a clickhouse:// URL without any: [[ch1, ch1b], [ch2, ch2b]]; the same data within a list'),
  table_name: setting(tableName, 'sip_capture', 'table for SIP messages, strftime suffix allowed'),
  rtcp_table_name: setting(tableName, 'rtcp_capture', 'table for reports and other payload types, strftime suffix allowed'),
  capture_on: setting(onOff, true, 'sip_capture() stores; can be switched at run time; default in a .cfg: off'),
  hep_capture_on: setting(onOff, true, 'listen for HEP; default in a .cfg: off'),
  max_async_queries: setting(integer(1, 10_000), BATCH_ROWS, 'maximum rows in one transaction'),
  raw_ipip_capture_on: setting(onOff, false, 'capture IP-in-IP'),
  raw_moni_capture_on: setting(onOff, false, 'capture a mirror port'),
  raw_socket_listen: setting(rawListen, '', 'address of IP-in-IP tunnels, and ports (10.0.0.1:5060-5090)'),
  raw_interface: setting(text, '', 'interface of raw_ipip_capture_on and raw_moni_capture_on; default: all'),
  raw_sock_children: setting(integer(1, 64), 1, 'threads that decode frames; 1: the main thread, which is fastest on two processors'),
  promiscuous_on: setting(onOff, false, 'promiscuous mode (also spelt promiscious_on)'),
  raw_moni_bpf_on: setting(onOff, false, 'let the kernel drop other ports'),
  capture_node: setting(text, 'homer01', 'prefix of the node column'),
  hep_route: setting(text, 'sip', 'none: store without routes; sip: run the main route; or the name of a route'),

  // Parameters of proto_hep.
  socket: setting(list(hepEndpoint), [], 'HEP listeners: hep_udp:host:port, hep_tcp:…, hep_tls:…', { isList: true }),
  hep_port: setting(integer(0, 65_535), 0, 'port of listeners without one; 0: 9060, and 9061 for TLS'),
  hep_capture_id: setting(integer(0, MAX_U32), 1, 'capture agent id in packets created by this node'),
  hep_id: setting(list(hepId), [], 'named targets: [name] host:port; transport=tcp; version=3', { isList: true }),
  homer5_on: setting(onOff, true, 'on: 12 report columns, correlation by chunk 0x0011; off: 17 columns, chunk 101'),
  homer5_delim: setting(text, ':', 'accepted for OpenSIPS, without effect'),
  compressed_payload: setting(onOff, false, 'compress payloads that are sent (gzip); received ones are always decompressed'),
  hep_max_retries: setting(integer(0, 1_000_000), 0, 'consecutive failures after which a target is suspended; 0: never (OpenSIPS: 5)'),
  hep_retry_cooldown: setting(parameterAge, 3600, 'how long a target stays suspended (seconds, or 10m); packets go to the spool'),

  // Of sipcap itself.
  table_shape: setting(
    oneOf('', ...SHAPES),
    '',
    'tables: sipcapture, homer5, homer5-split, homer6, homer7; default: those that exist, else sipcapture',
  ),
  data_headers: setting(list(text), [], 'homer7: headers that become members of data_header', { isList: true }),
  aleg_headers: setting(list(text), [], "homer7: headers with the A leg's Call-ID, besides X-CID", { isList: true }),
  databases: z.array(database).default([]).meta({ description: 'more databases; each message goes to all of them' }),
  columns: setting(columnNames, {}, 'names that columns have in your table, callid: call_id (OpenSIPS: *_column)'),
  custom_field1: setting(text, '', 'value of the custom_field1 column'),
  custom_field2: setting(text, '', 'value of the custom_field2 column'),
  custom_field3: setting(text, '', 'value of the custom_field3 column'),
  table_time: setting(
    oneOf('packet', 'receive'),
    'packet',
    "time that expands a table's suffix: of the packet, or of its receipt (as OpenSIPS)",
  ),
  date: setting(oneOf('utc', 'local'), 'utc', 'time zone of the date column; local needs a TEXT or DATETIME column'),
  partition: setting(oneOf('none', 'day', 'hour'), 'none', 'partitions of tables created on demand'),
  partition_ahead: setting(age, 172_800, 'create partitions this long in advance'),
  quarantine: setting(path, 'sipcap-quarantine.ndjson', 'file for rows that the database rejects (NDJSON)', { isPath: true }),
  allow: setting(list(cidr), [], 'networks that may send HEP; default: all', { isList: true }),
  auth_key: setting(secret, '', 'reject HEP packets without this key (chunk 0x000e)', { secret: 'all' }),
  accept_repeats: setting(onOff, false, 'keep HEP messages that their sender repeats under the same identity after a broken connection'),
  tls: tls.prefault({}),
  limits: limits.prefault({}),
  live: live.prefault({}),
  hep_targets: setting(list(hepTarget), [], 'relay every message to these targets: hep_tcp:host:port, or the name of a hep_id', {
    isList: true,
  }),
  target: target.prefault({}),
  spool: spool.prefault({}),
  retention: retention.prefault({}),
  route: setting(text, '', 'routes in the route script language', { isLong: true }),
  route_file: setting(path, '', 'file with the routes', { isPath: true }),
  script_version: setting(oneOf('', '2', '3'), '', 'argument order where ambiguous: that of OpenSIPS 2 or 3'),
  unknown_functions: setting(
    oneOf('error', 'skip'),
    'error',
    'functions of other OpenSIPS modules in the routes: an error, or skipped and counted',
  ),
  script: script.prefault({}),
  mi: mi.prefault({}),
  metrics: metrics.prefault({}),
  log: log.prefault({}),
  silent_after: setting(age, 0, 'warn when an input has received nothing for this long (5m); 0: never'),
  drain_deadline: setting(age, 10, 'how long shutdown waits for databases and targets'),
  user: setting(text, '', 'become this user once interfaces and ports are open'),
});

export type Values = z.output<typeof schema>;
