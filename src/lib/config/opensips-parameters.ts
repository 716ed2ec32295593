/** What the parameters of an OpenSIPS script mean here: the setting that each corresponds to, and why others are ignored. */
import { MODULE_PARAMETERS } from '../route/index.js';
import { HTTP_MODULES } from './opensips-http.js';
import { TLS_MODULES } from './opensips-tls.js';

export type Meaning =
  | { kind: 'setting'; path: string }
  /** One more item of a list. */
  | { kind: 'item'; path: string }
  /** Name of a column of ours. */
  | { kind: 'column'; ours: string }
  /** Accepted, without effect. */
  | { kind: 'idle'; why: string };

const SAME = [
  'db_url',
  'table_name',
  'rtcp_table_name',
  'capture_on',
  'hep_capture_on',
  'max_async_queries',
  'raw_ipip_capture_on',
  'raw_moni_capture_on',
  'raw_socket_listen',
  'raw_interface',
  'raw_sock_children',
  'promiscuous_on',
  'raw_moni_bpf_on',
  'capture_node',
  'hep_route',
  'hep_port',
  'hep_capture_id',
  'homer5_on',
  'homer5_delim',
  'compressed_payload',
  'hep_max_retries',
  'hep_retry_cooldown',
];

const NEVER_BLOCKS = 'sending never blocks in sipcap';
const IDLE: Readonly<Record<string, string>> = {
  hep_send_timeout: NEVER_BLOCKS,
  hep_async: NEVER_BLOCKS,
  hep_async_max_postponed_chunks: NEVER_BLOCKS,
  hep_async_local_write_timeout: NEVER_BLOCKS,
  hep_async_local_connect_timeout: NEVER_BLOCKS,
  hep_max_msg_chunks: 'a message may arrive in any number of pieces',
  id_column: 'the database numbers that column itself',
};

/** OpenSIPS' names of columns that differ from the column's own. */
const COLUMNS: Readonly<Record<string, string>> = { authorization: 'auth' };

/** Of other modules: where the management interface listens. */
const MANAGEMENT: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  mi_fifo: { fifo_name: 'mi.fifo', reply_dir: 'mi.reply_directory' },
  mi_datagram: { socket_name: 'mi.datagram' },
};

/** Modules whose function is built in: loading them needs no notice. */
export const OWN_MODULES = [
  'sipcapture',
  'proto_hep',
  'db_mysql',
  'db_postgres',
  'db_sqlite',
  'mi_fifo',
  'mi_datagram',
  'statistics',
  'cachedb_local',
  ...HTTP_MODULES,
  ...TLS_MODULES,
];

/**
 * OpenSIPS takes every character of user and password as it is; in database URLs of sipcap % begins an escape.
 */
export function opensipsUrl(url: string): string {
  return url.replace(
    /^((?!sqlite)[a-z0-9_+]+:\/\/)(.*)(?=@)/i,
    (_, scheme: string, account: string) => scheme + account.replaceAll('%', '%25'),
  );
}

/** Null where the module is not supported, or has no such parameter. */
export function meaningOf(module: string, name: string): Meaning | null {
  const managed = MANAGEMENT[module]?.[name];
  if (managed !== undefined) return { kind: 'setting', path: managed };
  if (module === 'statistics') return { kind: 'idle', why: 'statistics need no declaration' };
  if (MODULE_PARAMETERS[module]?.some((row) => row.name === name) !== true) return null;
  if (name === 'promiscious_on') return { kind: 'setting', path: 'promiscuous_on' };
  if (name === 'hep_id') return { kind: 'item', path: 'hep_id' };
  if (IDLE[name] !== undefined) return { kind: 'idle', why: IDLE[name] };
  if (SAME.includes(name)) return { kind: 'setting', path: name };
  const column = name.replace(/_column$/, '');
  return { kind: 'column', ours: COLUMNS[column] ?? column };
}

/** Parameters of a supported module, for "did you mean". */
export function parametersOf(module: string): string[] {
  return (MODULE_PARAMETERS[module] ?? []).map(({ name }) => name);
}
