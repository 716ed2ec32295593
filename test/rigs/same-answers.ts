/** The same capture files in SQLite, in each database server that is there, and in ClickHouse: every command must answer alike. */
import { resolve, join } from 'node:path';
import { existsSync, readdirSync } from 'node:fs';
import { expect } from '@jest/globals';
import { clickhouseInstalled, makeClickhouse } from './clickhouse.js';
import { databaseMakers, type TestDatabase } from './databases.js';
import { root, sipcap, type Ended } from './sipcap.js';

const CAPTURES = resolve(root, '../shared/captures/files');
const env = { TZ: 'UTC' };

/** Paths of the capture files whose names match. */
export function sharedCaptures(names: RegExp): string[] {
  return existsSync(CAPTURES)
    ? readdirSync(CAPTURES)
        .filter((name) => names.test(name))
        .sort()
        .map((name) => join(CAPTURES, name))
    : [];
}

export type AnsweringDatabase = Pick<TestDatabase, 'url' | 'drop'> & { kind: string };

export async function allDatabases(): Promise<AnsweringDatabase[]> {
  const made: AnsweringDatabase[] = await Promise.all(databaseMakers().map(({ make }) => make()));
  if (!clickhouseInstalled()) return made;
  const server = await makeClickhouse();
  return [...made, { kind: 'clickhouse', url: server.url, drop: () => server.remove() }];
}

/** Compares list, and show of every call, of each database with those of the first; returns how many calls there are. */
export async function expectSameAnswers(databases: readonly AnsweringDatabase[], table: string, paths: readonly string[]): Promise<number> {
  let first: string[] | null = null;
  for (const { kind, url } of databases) {
    const where = ['--db', url, '--table', table];
    const stored = await sipcap(
      ['capture', 'mirror', '-q', '--summary', 'none', ...where, '--report-table', `${table}_r`, '-r', ...paths],
      { env },
    );
    const list = await sipcap(['call', 'list', ...where, '--format', 'json'], { env });
    const ids = list.stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => (JSON.parse(line) as { callid: string }).callid);
    const shown = ids.length === 0 ? null : await sipcap(['call', 'show', ...where, '--format', 'text', '--', ...ids], { env });
    const answerOf = ({ code, stdout, stderr }: Ended) => `${code} ${stdout} ${stderr.replaceAll(url, 'URL')}`;
    const answers = [String(stored.code), answerOf(list), shown === null ? '' : answerOf(shown)];
    first ??= [...answers, String(ids.length)];
    expect([kind, paths, ...answers]).toEqual([kind, paths, ...first.slice(0, 3)]);
  }
  return Number(first![3]);
}
