/**
 * The one schema behind both spellings: names as OpenSIPS users know them, what each means, what holds where nothing
 * is said. Its order is that of `config show`.
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
  socketAddress,
  tableName,
} from './network-kinds.js';
import { list } from './kind.js';
import { age, keptAge, onOff, oneOf, secret, size, text, integer } from './plain-kinds.js';
import { columnNames } from './column-names.js';
import { setting } from './setting.js';

const MAX_U32 = 0xffffffff;
/** Measured: larger batches win nothing more on any of the three databases. */
export const BATCH_ROWS = 1000;

/** What each further database may have of its own; what it does not say is as above. */
const database = z.strictObject({
  db_url: setting(databaseUrl, '', 'the database', { secret: 'part' }),
  table_name: setting(text, '', 'table for SIP messages'),
  rtcp_table_name: setting(text, '', 'table for reports'),
  columns: setting(columnNames, {}, 'names that columns have in its table, ours: theirs'),
  partition: setting(oneOf('', 'none', 'day', 'hour'), '', 'partitions of tables that are made on demand'),
});

const tls = z.strictObject({
  certificate: setting(path, '', 'certificate of hep_tls listeners, PEM; read again at SIGHUP', { isPath: true }),
  key: setting(path, '', 'its key, PEM', { isPath: true }),
  client_ca: setting(path, '', 'clients must show a certificate of this authority, PEM', { isPath: true }),
});

const live = z.strictObject({
  interfaces: setting(list(text), [], 'mirror ports to capture on', { isList: true }),
  ports: setting(ports, [], 'only messages from or to these ports (5060, 5060-5090)'),
  filter: setting(text, '', 'kernel filter in the language of libpcap, instead of one made of the ports'),
  snap_length: setting(integer(64, 262_144), 262_144, 'most bytes of a frame that are captured'),
  buffer_size: setting(size, 64_000_000, 'buffer in the kernel'),
  rtcp: setting(onOff, false, 'read RTCP of the calls too: reports of type 5'),
});

const target = z.strictObject({
  policy: setting(
    oneOf('all', 'failover', 'balance'),
    'all',
    'each target gets everything, or the first that works, or they share the calls',
  ),
  version: setting(integer(1, 3), 3, 'HEP version of packets that are made here'),
  name: setting(text, '', 'name of this agent in packets that are made here (chunk 0x0013)'),
  auth_key: setting(secret, '', 'key that packets made here carry (chunk 0x000e)', { secret: 'all' }),
  ca: setting(path, '', "authority of hep_tls targets, PEM; the system's by default", { isPath: true }),
  certificate: setting(path, '', 'certificate that is shown to hep_tls targets, PEM', { isPath: true }),
  key: setting(path, '', 'its key, PEM', { isPath: true }),
});

const spool = z.strictObject({
  directory: setting(path, '', 'folder for what a database or target does not take', { isPath: true }),
  sync: setting(oneOf('always', 'interval', 'never'), 'interval', 'when the spool is forced to the disk'),
  rate: setting(integer(-1, 10_000_000), -1, 'packets a second out of the spool; 0 is no limit, -1 suits the transport'),
  max_size: setting(size, 0, 'most bytes in a spool (20G); the oldest are given up and counted; 0 is no bound'),
  max_age: setting(age, 0, 'most age in a spool (7d); the oldest are given up and counted; 0 is no bound'),
});

const retention = z.strictObject({
  keep: setting(keptAge, 0, 'messages of this age are kept (36h, 14d, 8w); 0 is for ever'),
  keep_size: setting(size, 0, 'so many bytes are kept, the newest (200G); 0 is no bound'),
  keep_rows: setting(integer(0, Number.MAX_SAFE_INTEGER), 0, 'so many rows are kept, the newest; 0 is no bound'),
  every: setting(age, 3600, 'how often it is looked after'),
});

const mi = z.strictObject({
  fifo: setting(path, '', 'FIFO for commands', { isPath: true }),
  reply_directory: setting(path, '/tmp', 'the only folder that reply FIFOs may lie in', { isPath: true }),
  datagram: setting(datagramSocket, '', 'datagram socket for commands, udp:address:port or a path'),
  http: setting(socketAddress, '', 'address and port of POST /mi'),
  token: setting(secret, '', 'bearer token, needed where http is reached from elsewhere', { secret: 'all' }),
});

const metrics = z.strictObject({
  listen: setting(socketAddress, '', 'address and port of /metrics, /healthz and /readyz'),
});

const log = z.strictObject({
  level: setting(oneOf('debug', 'info', 'warn', 'error'), 'info', 'the least that is logged'),
  format: setting(oneOf('auto', 'text', 'json'), 'auto', 'auto is text on a terminal, JSON otherwise'),
});

export const schema = z.strictObject({
  // Parameters of sipcapture.
  db_url: setting(databaseUrl, '', 'store into sqlite:PATH, mysql://user:password@host/database or postgres://…', { secret: 'part' }),
  table_name: setting(tableName, 'sip_capture', 'table for SIP messages, strftime suffix allowed'),
  rtcp_table_name: setting(tableName, 'rtcp_capture', 'table for reports and other payload types, strftime suffix allowed'),
  capture_on: setting(onOff, true, 'sip_capture() stores; can be switched while running; off at first in a .cfg'),
  hep_capture_on: setting(onOff, true, 'listen for HEP; off at first in a .cfg'),
  max_async_queries: setting(integer(1, 10_000), BATCH_ROWS, 'most rows in one transaction'),
  raw_ipip_capture_on: setting(onOff, false, 'capture IP-in-IP'),
  raw_moni_capture_on: setting(onOff, false, 'capture a mirror port'),
  raw_socket_listen: setting(rawListen, '', 'address of IP-in-IP and ports of either, as 10.0.0.1:5060-5090'),
  raw_interface: setting(text, '', 'interface of either; all of them by default'),
  raw_sock_children: setting(integer(1, 64), 1, 'threads that decode frames; 1 is the main one, which is fastest on two processors'),
  promiscuous_on: setting(onOff, false, 'put raw_interface into promiscuous mode (promiscious_on is the same)'),
  raw_moni_bpf_on: setting(onOff, false, 'let the kernel drop what comes from other ports'),
  capture_node: setting(text, 'homer01', 'begin of the column node'),
  hep_route: setting(text, 'sip', 'none: store without routes; sip: run the main route; or the name of a route'),

  // Parameters of proto_hep.
  socket: setting(list(hepEndpoint), [], 'HEP listeners: hep_udp:host:port, hep_tcp:…, hep_tls:…', { isList: true }),
  hep_port: setting(integer(0, 65_535), 0, 'port of listeners that name none; 0 is 9060, and 9061 for TLS'),
  hep_capture_id: setting(integer(0, MAX_U32), 1, 'capture agent id of packets that are made here'),
  hep_id: setting(list(hepId), [], 'targets with names: [name] host:port; transport=tcp; version=3', { isList: true }),
  homer5_on: setting(onOff, true, 'reports have 12 columns and chunk 0x0011 correlates; off: 17 columns and chunk 101'),
  homer5_delim: setting(text, ':', 'between the parts of what is sent, in OpenSIPS; what is sent here has no parts'),
  compressed_payload: setting(onOff, false, 'send payloads with gzip; they are always read'),
  hep_max_retries: setting(integer(0, 1_000_000), 0, 'failures in a row after which a target rests; 0 is never (OpenSIPS: 5)'),
  hep_retry_cooldown: setting(age, 3600, 'how long a target rests; the spool takes what comes'),

  // Ours.
  databases: z.array(database).default([]).meta({ description: 'further databases; each message goes to all of them' }),
  columns: setting(columnNames, {}, "names that columns have in your table, ours: theirs (OpenSIPS' *_column)"),
  custom_field1: setting(text, '', 'value of the column custom_field1'),
  custom_field2: setting(text, '', 'value of the column custom_field2'),
  custom_field3: setting(text, '', 'value of the column custom_field3'),
  table_time: setting(oneOf('packet', 'receive'), 'packet', "whose time expands a table's suffix; receive is what OpenSIPS does"),
  date: setting(oneOf('utc', 'local'), 'utc', 'zone of the column date; local needs a column of text or DATETIME'),
  partition: setting(oneOf('none', 'day', 'hour'), 'none', 'partitions of tables that are made on demand'),
  partition_ahead: setting(age, 172_800, 'partitions are made so long before they are needed'),
  quarantine: setting(path, 'sipcap-quarantine.ndjson', 'file for rows that a database refuses (NDJSON)', { isPath: true }),
  allow: setting(list(cidr), [], 'only these networks may send HEP; all by default', { isList: true }),
  auth_key: setting(secret, '', 'packets without this key are refused (chunk 0x000e)', { secret: 'all' }),
  tls: tls.prefault({}),
  live: live.prefault({}),
  hep_targets: setting(list(hepTarget), [], 'send every message on to these: hep_tcp:host:port, or the name of a hep_id', { isList: true }),
  target: target.prefault({}),
  spool: spool.prefault({}),
  retention: retention.prefault({}),
  route: setting(text, '', 'routes in the route script language', { isLong: true }),
  route_file: setting(path, '', 'file with the routes', { isPath: true }),
  script_version: setting(oneOf('', '2', '3'), '', 'order of arguments where both fit: that of OpenSIPS 2 or 3'),
  mi: mi.prefault({}),
  metrics: metrics.prefault({}),
  log: log.prefault({}),
  drain_deadline: setting(age, 10, 'how long the end waits for databases and targets'),
  user: setting(text, '', 'run as this user once interfaces and ports are open'),
});

export type Values = z.output<typeof schema>;
