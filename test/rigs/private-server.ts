/** Private database servers for tests, in a temporary folder, to be killed and restarted. */
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mysql from 'mysql2/promise';
import pg from 'pg';
import { freePort } from './free-port.js';
import { serverProcess, type ServerProcess } from './server-process.js';

export interface PrivateServer extends ServerProcess {
  kind: 'mysql' | 'postgresql';
  url: string;
  /** The same server over its unix socket. */
  socketUrl: string;
  /** As the administrator. */
  query(sql: string): Promise<Record<string, unknown>[]>;
}

const asRoot = process.getuid?.() === 0;

/** The folder of the programs, or null if the server is not installed. */
function programs(kind: 'mysql' | 'postgresql'): { server: string; install: string } | null {
  if (kind === 'mysql') {
    const [server, install] = ['/usr/sbin/mariadbd', '/usr/bin/mariadb-install-db'];
    return existsSync(server) && existsSync(install) ? { server, install } : null;
  }
  const root = '/usr/lib/postgresql';
  const version = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a))[0] : undefined;
  return version === undefined || !existsSync(join(root, version, 'bin/postgres'))
    ? null
    : { server: join(root, version, 'bin/postgres'), install: join(root, version, 'bin/initdb') };
}

export function serversInstalled(): ('mysql' | 'postgresql')[] {
  return (['mysql', 'postgresql'] as const).filter((kind) => programs(kind) !== null);
}

/** With `certificate`, it supports TLS: `server.crt` and `server.key` in that folder. */
export async function makeServer(kind: 'mysql' | 'postgresql', certificate?: string): Promise<PrivateServer> {
  const { server, install } = programs(kind)!;
  const folder = mkdtempSync(join(tmpdir(), 'sipcap-server-'));
  chmodSync(folder, 0o755);
  const data = join(folder, 'data');
  mkdirSync(data);
  // A separate folder for temporary files: a starting server deletes those of all others in /tmp.
  const temporary = join(folder, 'tmp');
  mkdirSync(temporary);
  const user = kind === 'mysql' ? 'mysql' : 'postgres';
  for (const file of certificate === undefined ? [] : ['server.crt', 'server.key']) {
    copyFileSync(join(certificate!, file), join(folder, file));
    chmodSync(join(folder, file), 0o600);
  }
  if (asRoot) execFileSync('chown', ['-R', `${user}:`, folder]);
  const port = await freePort();
  const run = (program: string, args: string[]): [string, string[]] =>
    asRoot ? ['setpriv', [`--reuid=${user}`, `--regid=${user}`, '--init-groups', program, ...args]] : [program, args];
  let args: string[];
  if (kind === 'mysql') {
    execFileSync(
      install,
      [
        '--no-defaults',
        ...(asRoot ? [`--user=${user}`] : []),
        `--datadir=${data}`,
        '--auth-root-authentication-method=normal',
        '--skip-test-db',
      ],
      { stdio: 'ignore' },
    );
    args = [
      '--no-defaults',
      `--datadir=${data}`,
      `--tmpdir=${temporary}`,
      `--socket=${join(folder, 's')}`,
      `--port=${port}`,
      '--bind-address=127.0.0.1',
      '--innodb-buffer-pool-size=64M',
      '--innodb-log-file-size=16M',
    ];
  } else {
    const [program, all] = run(install, ['-D', data, '-U', 'sipcap', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync']);
    execFileSync(program, all, { stdio: 'ignore', cwd: folder });
    args = ['-D', data, '-k', folder, '-p', String(port), '-c', 'listen_addresses=127.0.0.1', '-c', 'shared_buffers=32MB'];
  }
  const [crt, key] = [join(folder, 'server.crt'), join(folder, 'server.key')];
  if (certificate !== undefined)
    args.push(
      ...(kind === 'mysql'
        ? [`--ssl-cert=${crt}`, `--ssl-key=${key}`]
        : ['-c', 'ssl=on', '-c', `ssl_cert_file=${crt}`, '-c', `ssl_key_file=${key}`]),
    );
  const administrator = () => (kind === 'mysql' ? `mysql://root@127.0.0.1:${port}/mysql` : `postgres://sipcap@127.0.0.1:${port}/postgres`);
  const own: PrivateServer = {
    ...serverProcess({
      folder,
      command: run(server, args),
      ask: () => query(administrator(), 'SELECT 1'),
      startMs: 15_000,
      lingerMs: kind === 'postgresql' ? 300 : 0,
    }),
    kind,
    url: kind === 'mysql' ? `mysql://sipcap:capture@127.0.0.1:${port}/sipcap` : `postgres://sipcap@127.0.0.1:${port}/sipcap`,
    socketUrl:
      kind === 'mysql'
        ? `mysql://root@localhost/sipcap?socket=${join(folder, 's')}`
        : `postgres://sipcap@localhost:${port}/sipcap?host=${folder}`,
    query: (sql) => query(administrator(), sql),
  };
  await own.start();
  await own.query('CREATE DATABASE sipcap');
  if (kind === 'mysql')
    for (const sql of ["CREATE USER sipcap@'127.0.0.1' IDENTIFIED BY 'capture'", "GRANT ALL ON sipcap.* TO sipcap@'127.0.0.1'"])
      await own.query(sql);
  return own;
}

/** One query over a separate connection. */
export async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const connection = await connect(url);
  try {
    return await connection.query(sql);
  } finally {
    await connection.end();
  }
}

export interface Connection {
  query(sql: string): Promise<Record<string, unknown>[]>;
  end(): Promise<void>;
}

export async function connect(url: string): Promise<Connection> {
  if (url.startsWith('mysql')) {
    const connection = await mysql.createConnection(url);
    return {
      query: async (sql) => {
        const [rows] = await connection.query(sql);
        return Array.isArray(rows) ? (rows as Record<string, unknown>[]) : [];
      },
      end: () => connection.end(),
    };
  }
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  return { query: async (sql) => (await client.query(sql)).rows as Record<string, unknown>[], end: () => client.end() };
}
