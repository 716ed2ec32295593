/** A shard of ClickHouse that is away: every answer in JSON names it where a reader of that format looks, and the exit code is 4. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { pcapFile, sipMessages } from '../../bench/corpus.mjs';
import { clickhouseInstalled, makeClickhouse, type ClickhouseServer } from '../rigs/clickhouse.js';
import { killAll, root, sipcap, temporaryFolder } from '../rigs/sipcap.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);

afterAll(() => {
  killAll();
  folder.remove();
});

(clickhouseInstalled() ? describe : describe.skip)('one of two shards is away', () => {
  let servers: ClickhouseServer[];
  let db: string;
  let missing: string[];
  /** A call of each shard. */
  let here: string;
  let away: string;
  let whole: string;

  beforeAll(async () => {
    servers = await Promise.all([makeClickhouse(), makeClickhouse()]);
    db = `clickhouse://sipcap:capture@${servers.map(({ place }) => place).join(';')}/sipcap`;
    missing = [servers[1].place];
    writeFileSync(at('calls.pcap'), pcapFile(sipMessages(210)) as Buffer);
    await sipcap(['capture', 'mirror', '-r', at('calls.pcap'), '--db', db, '--summary', 'none']);
    const [first, second] = await Promise.all(servers.map((server) => server.query('SELECT callid FROM sip_capture LIMIT 1')));
    [here, away] = [String(first[0].callid), String(second[0].callid)];
    whole = (await sipcap(['call', 'show', here, '--db', db, '--format', 'json'])).stdout;
    await servers[1].kill();
  }, 60_000);

  afterAll(() => Promise.all(servers.map((server) => server.remove())));

  test('call show: a member of the document, which the schema knows', async () => {
    const ended = await sipcap(['call', 'show', here, '--db', db, '--format', 'json']);
    expect([ended.code, JSON.parse(ended.stdout)]).toEqual([4, { ...JSON.parse(whole), missing_shards: missing }]);
    const schema = JSON.parse(readFileSync(join(root, 'schema/ladder.schema.json'), 'utf8')) as {
      required: string[];
      properties: Record<string, unknown>;
    };
    expect([schema.properties.missing_shards, schema.required.includes('missing_shards')]).toMatchObject([
      { type: 'array', items: { type: 'string' } },
      false,
    ]);
    expect(whole).not.toContain('missing_shards');
    const several = await sipcap(['call', 'show', '--since', '2000-01-01 00:00:00', '--limit', '3', '--db', db, '--format', 'json']);
    const lines = several.stdout.trim().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { missing_shards: unknown }).missing_shards)).toEqual([missing, missing, missing]);
  }, 60_000);

  test('call show of a call that is not found: they are all there is to say', async () => {
    const ended = await sipcap(['call', 'show', away, '--db', db, '--format', 'json']);
    expect([ended.code, JSON.parse(ended.stdout)]).toEqual([4, { missing_shards: missing }]);
  }, 60_000);

  test('call export in JSON: the last line, on standard output and in a file', async () => {
    const exported = (path: string, ...more: string[]) => sipcap(['call', 'export', '--db', db, '-w', path, ...more]);
    const calls = ['--since', '2000-01-01 00:00:00'];
    const shown = await exported('-', '--format', 'json', ...calls);
    const lines = shown.stdout.trim().split('\n');
    expect([shown.code, JSON.parse(lines.pop()!)]).toEqual([4, { missing_shards: missing }]);
    expect(lines.length).toBeGreaterThan(20);
    for (const line of lines) expect(JSON.parse(line)).toHaveProperty('msg');
    expect((await exported(at('calls.ndjson'), ...calls)).code).toBe(4);
    expect(readFileSync(at('calls.ndjson'), 'utf8')).toBe(shown.stdout);
    expect((await exported('-', '--format', 'text', ...calls)).stdout).not.toContain('missing_shards');
    expect((await exported('-', '--format', 'json', away)).stdout).toBe(`${JSON.stringify({ missing_shards: missing })}\n`);
  }, 60_000);

  test('--explain is partial too', async () => {
    for (const command of ['list', 'stats']) {
      const ended = await sipcap(['call', command, '--explain', '--from-user', 'x', '--db', db]);
      expect([ended.code, ended.stderr]).toEqual([4, expect.stringContaining(`partial result, shard ${missing[0]} is missing`)]);
      expect(ended.stdout).toContain(`shard ${servers[0].place}:\nSELECT `);
    }
  }, 60_000);
});
