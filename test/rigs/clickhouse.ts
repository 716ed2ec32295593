/** Private ClickHouse servers for tests, in a temporary folder, to be killed and restarted; their zone is not UTC. */
import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.js';
import { serverProcess, type ServerProcess } from './server-process.js';

const PROGRAM = '/usr/sbin/clickhouse-server';

export interface ClickhouseServer extends ServerProcess {
  /** `127.0.0.1:PORT`, as in URLs. */
  place: string;
  /** The same for TLS, if it accepts that. */
  tlsPlace: string;
  /** Of the database sipcap. */
  url: string;
  query(sql: string): Promise<Record<string, unknown>[]>;
}

export interface ClickhouseOptions {
  /** Its place in a cluster. */
  macros?: { shard: string; replica: string };
  /** Port of a ZooKeeper on this machine. */
  zookeeper?: number;
  /** Files of a certificate and its key: it also accepts TLS. */
  tls?: { cert: string; key: string };
}

export function clickhouseInstalled(): boolean {
  return existsSync(PROGRAM);
}

export async function makeClickhouse({ macros, zookeeper, tls }: ClickhouseOptions = {}): Promise<ClickhouseServer> {
  const folder = mkdtempSync(join(tmpdir(), 'sipcap-clickhouse-'));
  const [http, tcp, between, https] = [await freePort(), await freePort(), await freePort(), await freePort()];
  for (const name of ['data', 'tmp']) mkdirSync(join(folder, name));
  const cluster = [
    macros === undefined ? '' : `<macros><shard>${macros.shard}</shard><replica>${macros.replica}</replica></macros>`,
    zookeeper === undefined ? '' : `<zookeeper><node><host>127.0.0.1</host><port>${zookeeper}</port></node></zookeeper>`,
    tls === undefined
      ? ''
      : `<https_port>${https}</https_port><openSSL><server><certificateFile>${tls.cert}</certificateFile><privateKeyFile>${tls.key}</privateKeyFile><verificationMode>none</verificationMode></server></openSSL>`,
  ];
  writeFileSync(
    join(folder, 'config.xml'),
    `<?xml version="1.0"?><yandex>
<logger><level>warning</level><log>${folder}/log</log><errorlog>${folder}/errors</errorlog></logger>
<http_port>${http}</http_port><tcp_port>${tcp}</tcp_port><interserver_http_port>${between}</interserver_http_port>
<interserver_http_host>127.0.0.1</interserver_http_host><listen_host>127.0.0.1</listen_host>
<path>${folder}/data/</path><tmp_path>${folder}/tmp/</tmp_path><users_config>${folder}/users.xml</users_config>
<default_profile>default</default_profile><default_database>default</default_database>
<mark_cache_size>268435456</mark_cache_size><timezone>America/New_York</timezone>${cluster.join('')}
</yandex>`,
  );
  const user = (name: string, password: string) =>
    `<${name}><password>${password}</password><networks><ip>127.0.0.1</ip></networks><profile>default</profile><quota>default</quota></${name}>`;
  writeFileSync(
    join(folder, 'users.xml'),
    `<?xml version="1.0"?><yandex><profiles><default><max_memory_usage>2000000000</max_memory_usage></default></profiles>
<users>${user('default', '')}${user('sipcap', 'capture')}</users><quotas><default></default></quotas></yandex>`,
  );
  const place = `127.0.0.1:${http}`;
  const own: ClickhouseServer = {
    ...serverProcess({
      folder,
      command: [PROGRAM, [`--config-file=${join(folder, 'config.xml')}`]],
      ask: () => clickhouseQuery(place, 'default', 'SELECT 1'),
      startMs: 30_000,
    }),
    place,
    tlsPlace: `127.0.0.1:${https}`,
    url: `clickhouse://sipcap:capture@${place}/sipcap`,
    query: (sql) => clickhouseQuery(place, 'sipcap', sql),
  };
  await own.start();
  await clickhouseQuery(place, 'default', 'CREATE DATABASE sipcap');
  return own;
}

/** Bypasses our own client: bytes of `msg` as a Buffer. */
export async function clickhouseQuery(place: string, database: string, sql: string): Promise<Record<string, unknown>[]> {
  const isQuery = /^\s*(?:SELECT|SHOW|DESCRIBE|EXISTS)/i.test(sql);
  const answer = await fetch(`http://${place}/?database=${database}`, {
    method: 'POST',
    headers: { 'X-ClickHouse-User': 'sipcap', 'X-ClickHouse-Key': 'capture', connection: 'close' },
    body: isQuery ? `${sql} FORMAT JSONEachRow` : sql,
  });
  const bytes = Buffer.from(await answer.arrayBuffer());
  if (answer.status !== 200) throw new Error(bytes.toString());
  if (!isQuery) return [];
  return bytes
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const row = JSON.parse(line) as Record<string, unknown>;
      if (typeof row.msg_hex === 'string') row.msg = Buffer.from(row.msg_hex, 'hex');
      return row;
    });
}
