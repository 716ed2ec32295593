/** `db init`, `db status`, `db prune` and `db import-quarantine` as a user runs them, on all three databases. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { appendFileSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { databaseMakers, sqliteQuery, type TestDatabase } from '../rigs/databases.js';
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
    expect(first.stdout).toMatch(/^sip_capture: created\nrtcp_capture: created\n.* is ready\n$/);
    const second = await run('db', 'init', ...partition);
    expect(second.stdout).toMatch(/^sip_capture: exists\nrtcp_capture: exists\n/);
    expect([first.code, second.code]).toEqual([0, 0]);
    expect((await run('db', 'init', '--schema')).stdout).toMatch(/: schema version 2\n$/);
  });

  test('status counts what an import stored, prune deletes what it announced', async () => {
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
    expect((await run('db', 'prune', '--keep', '14d', '--dry-run')).stdout).toMatch(
      /would (drop|delete) .*22 rows.*\nwould delete 22 rows\n$/,
    );
    expect(
      JSON.parse((await run('db', 'status', '--count', '--format', 'json')).stdout).tables.find(({ table }: { table: string }) =>
        table.endsWith('sip_capture'),
      ).rows,
    ).toBe(22);
    // A mistyped name leaves all tables alone: the rows are pruned after it.
    for (const command of [
      ['prune', '--keep', '14d'],
      ['prune', '--keep', '14d', '--dry-run'],
      ['status', '--count'],
    ])
      expect(await run('db', ...command, '--table', 'sip_captur')).toMatchObject({
        code: 2,
        stderr: expect.stringMatching(/^sipcap: there is no table 'sip_captur'\n$/),
      });
    expect((await run('db', 'prune', '--keep', '14d')).stdout).toMatch(/(dropped|deleted) .*22 rows.*\ndeleted 22 rows\n$/);
    expect((await run('db', 'prune', '--keep', '14d')).stdout).toBe('deleted 0 rows\n');
  });

  test('plain tables: rows and sizes without --count, and --keep-size by them', async () => {
    const plain = await make();
    const other = (...args: string[]) => sipcap([...args, '--db', plain.url], { cwd: folder.path });
    expect((await other('capture', 'mirror', '-r', sample, '-q')).code).toBe(0);
    const status = await other('db', 'status', '--format', 'json', '--keep-size', '1');
    const { tables, retention } = JSON.parse(status.stdout) as {
      tables: { table: string; rows: number; bytes: number }[];
      retention: { what: string; rows: number }[];
    };
    const sip = tables.find(({ table }) => table === 'sip_capture')!;
    expect(sip.bytes).toBeGreaterThan(8000);
    if (kind !== 'mysql') expect(sip.rows).toBe(22);
    expect(retention).toEqual([expect.objectContaining({ what: 'delete rows', table: 'sip_capture', rows: 22 })]);
    await plain.drop();
  });

  if (isServer)
    test('--partition on a table without partitions is reported, and changes nothing', async () => {
      const plain = await make();
      const init = (...args: string[]) => sipcap(['db', 'init', ...args, '--db', plain.url], { cwd: folder.path });
      expect((await init()).code).toBe(0);
      const again = await init('--partition', 'day');
      expect(again.code).toBe(0);
      expect(again.stderr).toContain(
        'sip_capture was created without partitions: --partition day does not change it; use a new table name (--table)',
      );
      await plain.drop();
    });

  if (isServer)
    test('an account that may only SELECT, and a database that sipcap did not create', async () => {
      const theirs = await make();
      await theirs.query(
        'CREATE TABLE sip_capture (date VARCHAR(30), micro_ts BIGINT, method VARCHAR(50), reply_reason VARCHAR(99), callid VARCHAR(99), source_ip VARCHAR(50), destination_ip VARCHAR(50), msg VARCHAR(999))',
      );
      const text = 'INVITE sip:b@127.0.0.1 SIP/2.0\r\nCall-ID: abc\r\n\r\n';
      await theirs.query(
        `INSERT INTO sip_capture VALUES ('2020-01-01 10:00:00', 1577872800000000, 'INVITE', '', 'abc', '1.1.1.1', '2.2.2.2', '${text}')`,
      );
      await theirs.query(
        'CREATE TABLE rtcp_capture (date VARCHAR(30), micro_ts BIGINT, correlation_id VARCHAR(99), source_ip VARCHAR(50), source_port INT, destination_ip VARCHAR(50), destination_port INT, type INT, msg VARCHAR(99))',
      );
      await theirs.query(
        "INSERT INTO rtcp_capture VALUES ('2020-01-01 10:00:00', 1577872800000000, 'abc', '1.1.1.1', 1, '2.2.2.2', 2, 100, 'hello')",
      );
      const url = new URL(theirs.url);
      const database = url.pathname.slice(1);
      const user = `r${database.slice(-8)}`;
      await theirs.query(
        kind === 'mysql'
          ? `CREATE USER ${user}@'%' IDENTIFIED BY 'x'; GRANT SELECT ON ${database}.* TO ${user}@'%'`
          : `CREATE USER ${user} PASSWORD 'x'; GRANT SELECT ON ALL TABLES IN SCHEMA public TO ${user}`,
      );
      [url.username, url.password] = [user, 'x'];
      const read = (...args: string[]) => sipcap([...args, '--db', url.href], { cwd: folder.path });
      const status = await read('db', 'status', '--count', '--keep', '14d', '--table', 'sip_capture');
      expect(status).toMatchObject({ code: 0, stderr: '' });
      expect(status.stdout).toMatch(
        /, not created by sipcap\n[^]*sip_capture +1 .*2020-01-01 10:00:00 .*other\n[^]*would delete 1 rows of sip_capture/,
      );
      expect(await read('db', 'prune', '--dry-run', '--keep', '14d', '--table', 'sip_capture')).toMatchObject({
        code: 0,
        stdout: 'would delete 1 rows of sip_capture\nwould delete 1 rows\n',
      });
      expect((await read('report', 'list')).stdout).toMatch(/abc.*1 report\n$/s);
      expect((await read('report', 'show', 'abc')).stdout).toMatch(/^abc {2}[^]*\n1 report, none has quality figures\n$/);
      const left =
        kind === 'mysql'
          ? 'SELECT table_name AS name FROM information_schema.tables WHERE table_schema = database()'
          : "SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace";
      expect((await theirs.query(left)).map(({ name }) => name).sort()).toEqual(['rtcp_capture', 'sip_capture']);
      await theirs.query(kind === 'mysql' ? `DROP USER ${user}@'%'` : `DROP OWNED BY ${user}; DROP USER ${user}`);
      await theirs.drop();
    });

  test('import-quarantine: stores rows that fit now, resumes, keeps rows rejected again', async () => {
    const target = await make();
    const [text, blob] = { sqlite: ['TEXT', 'BLOB'], mysql: ['VARCHAR(99)', 'BLOB'], postgresql: ['VARCHAR(99)', 'BYTEA'] }[kind];
    await target.query(`CREATE TABLE sip_capture (callid ${text}, reason ${text} CHECK (reason <> 'Q.850'), msg ${blob})`);
    const file = join(folder.path, `quarantine-${kind}.ndjson`);
    const record = (callid: string, reason: string) =>
      JSON.stringify({ table: 'sip_capture', error: 'CHECK failed', row: { callid, reason, msg: { base64: 'gP8=' } } });
    const lines = Array.from({ length: 1200 }, (_, i) => record(`call-${i}`, i % 400 === 7 ? 'Q.850' : ''));
    // A record of an earlier version, flat and without the server's message.
    lines.push('{"table":"sip_capture","callid":"flat","reason":"","msg":{"base64":"gP8="}}');
    writeFileSync(file, `${lines.join('\n')}\n`);
    const imported = () => sipcap(['db', 'import-quarantine', file, '--db', target.url], { cwd: folder.path });
    expect(await imported()).toMatchObject({ code: 0, stdout: `1198 rows stored, 3 rejected, 0 unreadable lines (${file}.rejected)\n` });
    const rejected = readFileSync(`${file}.rejected`, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(rejected.map(({ row }) => (row as { callid: string }).callid)).toEqual(['call-7', 'call-407', 'call-807']);
    expect(rejected[0].error).toMatch(/check|constraint/i);
    // Again: nothing is stored twice; what was added since is.
    expect((await imported()).stdout).toMatch(
      /^0 rows stored, 0 rejected, 0 unreadable lines, [\d,]+ bytes imported before; rows rejected then are in .*\.rejected\n$/,
    );
    appendFileSync(file, `${record('later', '')}\nno JSON\n${record('unfinished', '')}`);
    expect(await imported()).toMatchObject({
      code: 3,
      stdout: expect.stringMatching(/^1 rows stored, 0 rejected, 1 unreadable lines/) as unknown,
    });
    const [{ n }] = await target.query('SELECT count(*) AS n FROM sip_capture');
    expect(Number(n)).toBe(1199);
    const [{ msg }] = await target.query("SELECT msg FROM sip_capture WHERE callid = 'flat'");
    expect([...(msg as Buffer)]).toEqual([0x80, 0xff]);
    expect((await sipcap(['db', 'import-quarantine', '/nowhere/x', '--db', target.url])).stderr).toBe('sipcap: no file /nowhere/x\n');
    await target.drop();
  });

  test('invalid options are refused before anything changes', async () => {
    expect(await run('db', 'prune')).toMatchObject({
      code: 2,
      stderr: 'sipcap: specify how much to keep: --keep, --keep-size or --keep-rows\n',
    });
    expect((await run('db', 'prune', '--keep', 'ever')).stderr).toContain("invalid age 'ever'");
    if (!isServer)
      expect(await run('db', 'init', '--partition', 'day')).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('SQLite has no partitions: use dated tables instead') as unknown as string,
      });
  });
});

test('SQLite: a mistyped path is an error and creates nothing; a new file is not world-readable', async () => {
  for (const args of [
    ['db', 'status'],
    ['db', 'prune', '--keep', '14d'],
    ['db', 'prune', '--keep', '14d', '--dry-run'],
    ['report', 'list'],
  ]) {
    const ended = await sipcap([...args, '--db', 'sqlite:mistyped.db'], { cwd: folder.path });
    expect(ended).toMatchObject({ code: 2, stderr: 'sipcap: no database at mistyped.db\n' });
  }
  expect(existsSync(join(folder.path, 'mistyped.db'))).toBe(false);
  expect((await sipcap(['db', 'init', '--db', 'sqlite:new.db'], { cwd: folder.path })).code).toBe(0);
  expect(statSync(join(folder.path, 'new.db')).mode & 0o777 & ~0o640).toBe(0);
  expect((await sipcap(['db', 'status', '--db', 'sqlite:new.db'], { cwd: folder.path })).stdout).toContain('schema version 2');
});

test('0 means no limit in settings, and is refused as a flag', async () => {
  for (const [command, flag, zero] of [
    ['prune', '--keep', '0'],
    ['prune', '--keep-size', '0G'],
    ['prune', '--keep-rows', '0'],
    ['status', '--keep', '0.0001h'],
  ])
    expect(await sipcap(['db', command, flag, zero, '--db', 'sqlite:nothing.db'], { cwd: folder.path })).toMatchObject({
      code: 2,
      stdout: '',
      stderr: `sipcap: invalid ${flag} '${zero}': expected more than 0; omit ${flag} for no limit, or use --keep-size 1 to delete everything\n`,
    });
}, 60_000);

test('a database without reports or messages: nothing found, exit code 5; one not written by sipcap: 2', async () => {
  const look = (name: string, ...args: string[]) => sipcap([...args, '--db', `sqlite:${name}`], { cwd: folder.path });
  expect((await look('only-sip.db', 'capture', 'mirror', '-r', sample, '-q')).code).toBe(0);
  expect(await look('only-sip.db', 'report', 'list')).toMatchObject({ code: 5, stderr: '' });
  expect(await look('only-sip.db', 'report', 'list', '--format', 'json')).toMatchObject({ code: 5, stdout: '', stderr: '' });
  // A requested name must exist.
  expect((await look('only-sip.db', 'report', 'list', '--table', 'nowhere')).code).toBe(2);
  expect((await look('bare.db', 'db', 'init')).code).toBe(0);
  await sqliteQuery(join(folder.path, 'bare.db'), 'DROP TABLE sip_capture');
  await sqliteQuery(join(folder.path, 'bare.db'), 'DROP TABLE rtcp_capture');
  for (const args of [
    ['report', 'list'],
    ['report', 'show', 'nobody'],
    ['call', 'list'],
    ['call', 'stats'],
  ])
    expect([args, (await look('bare.db', ...args)).code]).toEqual([args, 5]);
  await sqliteQuery(join(folder.path, 'theirs.db'), 'CREATE TABLE other (a TEXT)');
  for (const args of [
    ['report', 'list'],
    ['call', 'list'],
  ])
    expect(await look('theirs.db', ...args)).toMatchObject({ code: 2, stderr: expect.stringContaining('use --table NAME') as unknown });
}, 90_000);

test('an unreachable server: exit code 4, and the password is never printed', async () => {
  const ended = await sipcap(['db', 'status', '--db', 'mysql://sipcap:secret@127.0.0.1:9/sipcap']);
  expect(ended.code).toBe(4);
  expect(ended.stderr).toContain('mysql://sipcap:***@127.0.0.1:9/sipcap');
  expect(ended.stdout + ended.stderr).not.toContain('secret');
});
