/** Operator errors are reported at once and lose no existing data; what a database refuses is reported with its reason. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { options } from '../rigs/messages.js';
import { pcap } from '../rigs/capture-files.js';
import * as make from '../rigs/frames.js';
import { count, query } from '../rigs/database.js';
import { killAll, root, sipcap, summary, temporaryFolder } from '../rigs/sipcap.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
const sample = join(root, 'samples/sample.pcap');

afterAll(() => {
  killAll();
  folder.remove();
});

const run = (...args: string[]) => sipcap(args, { cwd: folder.path });
const importing = (...more: string[]) => run('capture', 'mirror', '-r', sample, '--summary', 'json', ...more);

/** A capture whose messages have these Call-IDs. */
function capture(name: string, callIds: readonly string[]): string {
  const records = callIds.map((callId, i) => ({
    seconds: 1_700_000_000,
    fraction: i,
    bytes: make.ethernet(make.ETHER_IPV4, make.udpPacket({ source: '127.0.0.1', destination: '127.0.0.2' }, options(callId, 300))),
  }));
  writeFileSync(at(name), pcap({ records }));
  return at(name);
}

describe('reported before anything is read', () => {
  test.each([
    [
      'an age without its unit',
      ['db', 'prune', '--db', 'sqlite:there.db', '--keep', '14'],
      "invalid age '14': expected a unit: 14d or 14h?",
    ],
    [
      'a duration without its unit',
      ['capture', 'mirror', '-r', sample, '--duration', '14', '-q'],
      "invalid duration '14': expected a unit: 14d or 14s?",
    ],
    ['an age of a spool without its unit', ['hep', 'relay', '--to', 'hep_udp:127.0.0.1:1', '--drain', '--spool-max-age', '7'], '7d or 7s?'],
    ['an age in M', ['db', 'prune', '--db', 'sqlite:there.db', '--keep', '6M'], "invalid age '6M'"],
    ['a database that is not there', ['db', 'prune', '--db', 'sqlite:absent.db', '--keep', '14d'], 'no database at absent.db'],
    ['the same for its state', ['db', 'status', '--db', 'sqlite:absent.db'], 'no database at absent.db'],
    [
      'a column of ours that is none',
      ['capture', 'mirror', '-r', sample, '--db', 'sqlite:there.db', '--column', 'nocol=x'],
      "unknown column 'nocol'",
    ],
    [
      'partitions in SQLite',
      ['capture', 'mirror', '-r', sample, '--db', 'sqlite:there.db', '--partition', 'day'],
      'SQLite has no partitions',
    ],
    [
      'our own table as a table',
      ['capture', 'mirror', '-r', sample, '--db', 'sqlite:there.db', '--table', 'sipcap_position'],
      'reserved table name',
    ],
    [
      'the tables of the database itself',
      ['capture', 'mirror', '-r', sample, '--db', 'sqlite:there.db', '--table', 'sqlite_master'],
      'reserved table name',
    ],
    [
      'a parameter of a URL that nobody knows',
      ['capture', 'mirror', '-r', sample, '--db', 'mysql://a@127.0.0.1:1/x?ssll=true'],
      "unknown parameter 'ssll'",
    ],
  ])('%s', async (_what, args, logged) => {
    writeFileSync(at('there.db'), '');
    const ended = await run(...args);
    expect([ended.code, ended.stderr]).toEqual([2, expect.stringContaining(logged)]);
    expect(existsSync(at('absent.db'))).toBe(false);
  });
});

describe('tables that cannot take rows', () => {
  test.each([
    ['a view', 'CREATE TABLE t (callid TEXT, msg BLOB); CREATE VIEW wrong AS SELECT * FROM t', /view/],
    ['none of our columns', 'CREATE TABLE wrong (foo INT, bar TEXT)', /none of the columns/],
  ])(
    '%s: reported, exit code 4, and nothing counts as written',
    async (_what, sql, logged) => {
      const name = `${logged.source.replaceAll(' ', '-')}.db`;
      for (const statement of sql.split('; ')) await query(at(name), statement);
      const ended = await importing('--db', `sqlite:${name}`, '--table', 'wrong');
      expect([ended.code, ended.stderr]).toEqual([4, expect.stringMatching(logged)]);
      expect(summary(ended)).toMatchObject({ accounting_errors: [], sinks: [{ written: 0, lost: 22 }] });
      expect(await count(at(name), 'wrong')).toBe(0);
    },
    30_000,
  );
});

test('two new files with the same beginning are two files: a second run stores nothing twice', async () => {
  const files = [capture('alike-a.pcap', ['same', 'a-1', 'a-2']), capture('alike-b.pcap', ['same', 'b-1', 'b-2', 'b-3'])];
  for (const stored of [7, 0, 0]) {
    const ended = await run('capture', 'mirror', '-r', ...files, '--db', 'sqlite:alike.db', '--summary', 'json');
    expect(summary(ended).messages).toMatchObject({ found: 7, delivered: stored });
  }
  expect(await count(at('alike.db'))).toBe(7);
});

test('refused rows are kept with the database error and their own reason column', async () => {
  mkdirSync(at('refused'));
  await run('db', 'init', '--db', 'sqlite:refused.db');
  await query(at('refused.db'), 'CREATE UNIQUE INDEX once ON sip_capture (callid)');
  const file = capture('twice.pcap', ['one', 'two', 'one']);
  const ended = await run(
    'capture',
    'mirror',
    '-r',
    file,
    '--db',
    'sqlite:refused.db',
    '--quarantine',
    'refused/rows.ndjson',
    '--summary',
    'json',
  );
  expect(summary(ended)).toMatchObject({ sinks: [{ written: 2, refused: 1 }] });
  const [row, ...rest] = readFileSync(at('refused/rows.ndjson'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(rest).toEqual([]);
  expect(row).toMatchObject({ table: 'sip_capture', error: expect.stringMatching(/UNIQUE/), row: { callid: 'one', reason: '' } });
});
