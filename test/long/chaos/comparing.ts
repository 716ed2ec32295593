/** Stored against sent: every row is one of the messages, byte for byte, and every certain message is stored once. */
import { existsSync } from 'node:fs';
import { query as askSqlite } from '../../rigs/database.js';
import type { ClickhouseServer } from '../../rigs/clickhouse.js';
import { query } from '../../rigs/private-server.js';
import { sipcap } from '../../rigs/sipcap.js';
import { isBeginning, numberOf } from './traffic.js';

export interface Place {
  name: string;
  rows: number;
  distinct: number;
  /** Certain messages that are not there, messages that are there more than once, rows that are none of what was sent. */
  missing: number;
  repeated: number;
  foreign: number;
  /** Beginnings of messages whose end was in a file that was not there yet; they are stored beside the whole ones. */
  cut: number;
  /** Messages that may be missing, and are. */
  uncertainMissing: number;
  /** Some numbers of each kind, for the report. */
  examples: number[];
}

const EXAMPLES = 10;

export async function rowsOfServer(url: string, table: string): Promise<Buffer[]> {
  const rows = await query(url, `SELECT msg FROM ${table}`);
  return rows.map(({ msg }) => bytesOf(msg));
}

export async function rowsOfFiles(paths: readonly string[], table: string): Promise<Buffer[]> {
  const all: Buffer[] = [];
  for (const path of paths) {
    if (!existsSync(path)) continue;
    const [{ n }] = await askSqlite<{ n: number }>(path, `SELECT count(*) AS n FROM sqlite_master WHERE name = '${table}'`);
    if (n === 0) continue;
    for (const { msg } of await askSqlite<{ msg: unknown }>(path, `SELECT msg FROM ${table}`)) all.push(bytesOf(msg));
  }
  return all;
}

/** Repeated rows of a shard are merged by the server in time: they count once. */
export async function rowsOfShards(servers: readonly ClickhouseServer[], table: string): Promise<Buffer[]> {
  const all: Buffer[] = [];
  for (const server of servers)
    for (const { m } of await server.query(`SELECT hex(msg) AS m FROM ${table} FINAL`)) all.push(Buffer.from(String(m), 'hex'));
  return all;
}

/** The messages of capture files, as this program reads them. */
export async function rowsOfCaptures(paths: readonly string[]): Promise<Buffer[]> {
  const all: Buffer[] = [];
  for (const path of paths) {
    const { stdout, stderr, code } = await sipcap(['capture', 'mirror', '-r', path, '--format', 'json', '-q']);
    if (code !== 0) throw new Error(`reading ${path} ended with ${code}: ${stderr.slice(-500)}`);
    for (const line of stdout.split('\n')) if (line !== '') all.push(Buffer.from((JSON.parse(line) as { msg: string }).msg, 'utf8'));
  }
  return all;
}

export function compare(
  name: string,
  kind: 't' | 'f',
  messages: readonly Buffer[],
  sent: number,
  uncertain: ReadonlySet<number> = new Set(),
): Place {
  const times = new Uint32Array(sent);
  const place: Place = {
    name,
    rows: messages.length,
    distinct: 0,
    missing: 0,
    repeated: 0,
    foreign: 0,
    cut: 0,
    uncertainMissing: 0,
    examples: [],
  };
  for (const message of messages) {
    const number = numberOf(kind, message);
    if (number >= 0 && number < sent) times[number]++;
    else if (kind === 'f' && isBeginning(kind, message)) place.cut++;
    else place.foreign++;
  }
  times.forEach((count, number) => {
    if (count > 0) place.distinct++;
    if (count > 1) place.repeated++;
    if (count === 0 && uncertain.has(number)) place.uncertainMissing++;
    if (count === 0 && !uncertain.has(number)) place.missing++;
    if ((count > 1 || (count === 0 && !uncertain.has(number))) && place.examples.length < EXAMPLES) place.examples.push(number);
  });
  return place;
}

function bytesOf(value: unknown): Buffer {
  return Buffer.isBuffer(value) ? value : Buffer.from(String(value), 'utf8');
}
