/** `db init`, `db status` and `db prune` as a user runs them, on all three databases. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { databaseMakers, type TestDatabase } from '../rigs/databases.js';
import { killAll, root, sipcap, temporaryFolder } from '../rigs/sipcap.js';

const sample = join(root, 'samples/sample.pcap');
const folder = temporaryFolder();

afterAll(() => {
  killAll();
  folder.remove();
});

describe.each(databaseMakers())('$kind', ({ kind, make }) => {
  let database: TestDatabase;
  const run = (...args: string[]) => sipcap([...args, '--db', database.url], { cwd: folder.path });
  const isServer = kind !== 'sqlite';

  beforeAll(async () => {
    database = await make();
  });
  afterAll(() => database.drop());

  test('init twice, with the schema version', async () => {
    const partition = isServer ? ['--partition', 'day'] : [];
    const first = await run('db', 'init', ...partition);
    expect(first.stdout).toMatch(/^sip_capture: made\nrtcp_capture: made\n.* is ready\n$/);
    const second = await run('db', 'init', ...partition);
    expect(second.stdout).toMatch(/^sip_capture: exists, left as it is\nrtcp_capture: exists, left as it is\n/);
    expect([first.code, second.code]).toEqual([0, 0]);
    expect((await run('db', 'init', '--schema')).stdout).toMatch(/has schema version 1\n$/);
  });

  test('status counts what an import stored, prune takes it away as it said', async () => {
    expect((await run('capture', 'mirror', '-r', sample, '-q')).code).toBe(0);
    const status = await run('db', 'status', '--count', '--format', 'json', '--keep', '14d');
    const { tables, retention } = JSON.parse(status.stdout) as {
      tables: { table: string; rows: number; oldest: string; partitions: unknown[] }[];
      retention: { what: string; rows: number }[];
    };
    const sip = tables.find(({ table }) => table.endsWith('sip_capture'))!;
    expect(sip.rows).toBe(22);
    expect(sip.oldest).toBe('2026-01-15 09:30:00');
    expect(sip.partitions).toHaveLength(isServer ? 5 : 0);
    expect(retention).toEqual([expect.objectContaining({ what: isServer ? 'drop partition' : 'delete rows', rows: 22 })]);
    const text = await run('db', 'status', '--count');
    expect(text.stdout).toMatch(/sip_capture +22 +[\d.]+ kB +2026-01-15 09:30:00 +2026-01-15 09:30:11 .*sipcap/);
    expect((await run('db', 'prune', '--keep', '14d', '--dry-run')).stdout).toMatch(/would (drop|delete) .*22 rows.*\n22 rows would go\n$/);
    expect(
      JSON.parse((await run('db', 'status', '--count', '--format', 'json')).stdout).tables.find(({ table }: { table: string }) =>
        table.endsWith('sip_capture'),
      ).rows,
    ).toBe(22);
    expect((await run('db', 'prune', '--keep', '14d')).stdout).toMatch(/(dropped|deleted) .*22 rows.*\n22 rows went\n$/);
    expect((await run('db', 'prune', '--keep', '14d')).stdout).toBe('0 rows went\n');
  });

  test('what makes no sense is refused before anything is touched', async () => {
    expect(await run('db', 'prune')).toMatchObject({
      code: 2,
      stderr: 'sipcap: say how much is kept: --keep, --keep-size or --keep-rows\n',
    });
    expect((await run('db', 'prune', '--keep', 'ever')).stderr).toContain("invalid age 'ever'");
    if (!isServer)
      expect(await run('db', 'init', '--partition', 'day')).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('SQLite has no partitions') as unknown as string,
      });
  });
});

test('a server that is not there: 4, and its password is nowhere', async () => {
  const ended = await sipcap(['db', 'status', '--db', 'mysql://sipcap:secret@127.0.0.1:9/sipcap']);
  expect(ended.code).toBe(4);
  expect(ended.stderr).toContain('mysql://sipcap:***@127.0.0.1:9/sipcap');
  expect(ended.stdout + ended.stderr).not.toContain('secret');
});
