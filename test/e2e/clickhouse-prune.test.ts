/** `db prune` on ClickHouse: days are dropped, also the last one of a table, and nothing else is promised. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { pcapFile, sipMessages } from '../../bench/corpus.mjs';
import { clickhouseInstalled, makeClickhouse, type ClickhouseServer } from '../rigs/clickhouse.js';
import { killAll, sipcap, temporaryFolder } from '../rigs/sipcap.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
const MESSAGES = 20;

afterAll(() => {
  killAll();
  folder.remove();
});

(clickhouseInstalled() ? describe : describe.skip)('one server', () => {
  let server: ClickhouseServer;

  beforeAll(async () => {
    server = await makeClickhouse();
    // All of one day in 2023.
    writeFileSync(at('old.pcap'), pcapFile(sipMessages(MESSAGES)) as Buffer);
  }, 60_000);

  afterAll(() => server.remove());

  afterEach(async () => {
    for (const { name } of await server.query("SELECT name FROM system.tables WHERE database = 'sipcap'"))
      await server.query(`DROP TABLE sipcap.${String(name)}`);
  });

  const prune = (...more: string[]) => sipcap(['db', 'prune', '--db', server.url, ...more]);
  const filled = async () => {
    const store = ['--db', server.url, '--table', 'tx'];
    await sipcap(['db', 'init', ...store]);
    expect((await sipcap(['capture', 'mirror', '-r', at('old.pcap'), ...store, '--summary', 'none'])).code).toBe(0);
  };

  test('every day of a table is too old', async () => {
    await filled();
    const [dry, done] = [await prune('--keep', '4d', '--dry-run'), await prune('--keep', '4d')];
    expect([dry.code, dry.stderr, dry.stdout]).toEqual([
      0,
      '',
      `would drop partition p20231114 of tx, ${MESSAGES} rows\nwould delete ${MESSAGES} rows\n`,
    ]);
    expect([done.code, done.stderr, done.stdout]).toEqual([
      0,
      '',
      `dropped partition p20231114 of tx, ${MESSAGES} rows\ndeleted ${MESSAGES} rows\n`,
    ]);
    expect(await server.query('SELECT callid FROM tx')).toEqual([]);
    const again = await prune('--keep', '4d');
    expect([again.code, again.stderr, again.stdout]).toEqual([0, '', 'deleted 0 rows\n']);
  }, 60_000);

  test('with another limit: what is dropped by age does not count against it', async () => {
    await filled();
    await server.query(
      'INSERT INTO tx (date, micro_ts, callid, stream, sequence) SELECT now(), micro_ts, callid, stream, sequence FROM tx',
    );
    const ended = await prune('--keep', '4d', '--keep-rows', String(MESSAGES));
    expect([ended.code, ended.stdout]).toEqual([0, `dropped partition p20231114 of tx, ${MESSAGES} rows\ndeleted ${MESSAGES} rows\n`]);
    expect(await server.query('SELECT callid FROM tx')).toHaveLength(MESSAGES);
  }, 60_000);

  test('a table of others without days: its rows cannot be deleted, which is no success in a dry run either', async () => {
    await filled();
    await server.query('CREATE TABLE theirs ENGINE = ReplacingMergeTree ORDER BY toStartOfHour(date) AS SELECT date, callid, msg FROM tx');
    for (const more of [['--dry-run'], []]) {
      const ended = await prune('--keep', '4d', '--table', 'theirs', ...more);
      expect([ended.code, ended.stderr]).toEqual([2, expect.stringContaining('cannot be deleted: it has no partitions by day')]);
    }
    expect(await server.query('SELECT callid FROM theirs')).toHaveLength(MESSAGES);
  }, 60_000);
});
