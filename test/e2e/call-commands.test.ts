/** `call list`, `show`, `export` and `stats` as a user runs them: from files, standard input and databases. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { columnsOf } from '../../src/lib/base/index.js';
import { captureOf } from '../rigs/capture-of.js';
import { jsonLines, killAll, root, sipcap, temporaryFolder } from '../rigs/sipcap.js';
import { answered } from '../calls/rig.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
const sample = join(root, 'samples/sample.pcap');
const env = { TZ: 'UTC' };
const run = (...args: string[]) => sipcap(['call', ...args], { env });
const has = (program: string) => spawnSync('which', [program]).status === 0;

afterAll(() => {
  killAll();
  folder.remove();
});

describe('call list', () => {
  test('table, CSV and NDJSON of the sample', async () => {
    const table = await run('list', '-r', sample);
    expect(table.code).toBe(0);
    expect(table.stdout.split('\n').map((line) => line.slice(0, 37).trimEnd())).toEqual([
      'start (UTC)              state',
      '2026-01-15 09:30:00.020  ended',
      '2026-01-15 09:30:11.541  busy',
      '2026-01-15 09:30:11.602  cancelled',
      '2026-01-15 09:30:11.803  succeeded',
      '2026-01-15 09:30:11.461  registered',
      '',
    ]);
    const json = jsonLines((await run('list', '-r', sample, '--format', 'json')).stdout);
    expect(json[0]).toMatchObject({ callid: 'c1f0@192.0.2.10', status: 200, talking_ms: 9040.274, setup_ms: 2360.411, legs: 1 });
    const csv = (await run('list', '-r', sample, '--format', 'csv')).stdout.split('\r\n');
    expect(csv).toHaveLength(7);
    expect(csv[0].split(',')).toEqual(Object.keys(json[0]));
  });

  test('--explain prints the SQL and the conditions tested afterwards', async () => {
    const db = `sqlite:${at('explained.db')}`;
    await sipcap(['capture', 'mirror', '-r', sample, '--db', db, '-q'], { env });
    const { code, stdout } = await run(
      'list',
      '--db',
      db,
      '--from-user',
      'carol',
      '--where',
      '$rs == 486 || $ua =~ "x"',
      '--failed',
      '--explain',
    );
    expect(code).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    expect(lines[0]).toMatch(/^SELECT .* FROM "sip_capture" WHERE "from_user" = 'carol'$/);
    expect(lines[1]).toBe(`in each message: --where '$rs == 486 || $ua =~ "x"'`);
    expect(lines[2]).toMatch(/ WHERE "method" BETWEEN '400' AND '699'$/);
    expect(lines[3]).toBe('in each call: final status, state, flags and durations');
    expect(await run('stats', '-r', sample, '--explain')).toMatchObject({
      code: 2,
      stderr: 'sipcap: --explain needs a database: specify --db URL\n',
    });
  });

  test('states, flags, durations, filters, sorting', async () => {
    const ids = async (...args: string[]) =>
      jsonLines((await run('list', '-r', sample, '--format', 'json', ...args)).stdout).map(({ callid }) => String(callid).slice(0, 4));
    expect(await ids('--state', 'busy,cancelled')).toEqual(['b486', 'x6c2']);
    expect(await ids('--min-duration', '5s')).toEqual(['c1f0']);
    expect(await ids('--failed')).toEqual(['b486']);
    expect(await ids('--status', '4xx')).toEqual(['b486', 'x6c2']);
    expect(await ids('--reply', '401')).toEqual(['r7e1']);
    expect(await ids('--kind', 'OPTIONS')).toEqual(['t0p5']);
    expect(await ids('--where', '$fU == "alice" && $rm == "BYE"')).toEqual(['c1f0']);
    expect(await ids('--sort', '-start', '--limit', '2')).toEqual(['t0p5', 'x6c2']);
  });

  test('a call that began before --since is complete, and marked', async () => {
    const { stdout } = await run(
      'list',
      '-r',
      sample,
      '--since',
      '2026-01-15 09:30:05',
      '--until',
      '2026-01-15 09:30:11.5',
      '--format',
      'json',
    );
    expect(jsonLines(stdout)[0]).toMatchObject({ callid: 'c1f0@192.0.2.10', flags: ['began-earlier'], messages: 7, status: 200 });
  });

  test('exit codes: nothing found, wrong usage, a truncated file', async () => {
    expect((await run('list', '-r', sample, '--state', 'lost')).code).toBe(5);
    expect(await run('list')).toMatchObject({ code: 2, stderr: expect.stringContaining('no input') });
    expect(await run('list', '-r', sample, '--state', 'odd')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("invalid --state 'odd'"),
    });
    expect((await run('list', '-r', sample, '--sort', 'x')).code).toBe(2);
    writeFileSync(at('cut.pcap'), readFileSync(sample).subarray(0, 3000));
    const cut = await run('list', '-r', at('cut.pcap'));
    expect(cut.code).toBe(3);
    expect(cut.stderr).toContain('cut.pcap');
  });
});

describe('call show', () => {
  test('by Call-ID, the newest, by filter, none', async () => {
    const shown = await run('show', 'c1f0@192.0.2.10', '-r', sample, '--width', '80');
    expect(shown.code).toBe(0);
    expect(shown.stdout).toContain('c1f0@192.0.2.10  alice@example.com > bob@example.net: ended, 200 OK, talking 9.0 s');
    expect(shown.stdout).toMatch(/09:30:02\.380 \+2\.320 +│◀─ 200 OK \(INVITE\) \(sdp\) ──│/);
    expect((await run('show', '--latest', '-r', sample)).stdout).toContain('x6c2@2001:db8::10');
    expect((await run('show', '--failed', '-r', sample)).stdout).toContain('b486@192.0.2.10');
    expect(await run('show', 'none', '-r', sample)).toMatchObject({ code: 5, stdout: '', stderr: 'sipcap: no messages of call none\n' });
    expect((await run('show', '-r', sample)).code).toBe(2);
  });

  test('legs from standard input, in every format', async () => {
    const messages = [...answered(3000, 63_000, { callId: 'a1' }), ...answered(3000, 63_000, { callId: 'b1', headers: ['X-CID: a1'] })];
    writeFileSync(at('legs.pcap'), captureOf(messages));
    const piped = await sipcap(['call', 'show', 'a1', '-r', '-', '--ascii'], { env, input: readFileSync(at('legs.pcap')) });
    expect(piped.stdout).toContain('B  b1  ann@a.example > ben@b.example: ended, 200 OK, talking 60.0 s  [X-CID: a1]');
    for (const [form, begin] of [
      ['mermaid', 'sequenceDiagram\n'],
      ['svg', '<svg xmlns'],
      ['html', '<!DOCTYPE html>'],
      ['json', '{"schema"'],
    ])
      expect((await run('show', 'b1', '-r', at('legs.pcap'), '--format', form)).stdout.slice(0, begin.length)).toBe(begin);
    expect((await run('show', 'a1', '-r', at('legs.pcap'), '--single')).stdout).not.toContain('b1');
  });

  test.each(['mermaid', 'svg', 'html'])('--format %s holds one call', async (form) => {
    expect(await run('show', 'c1f0@192.0.2.10', 'b486@192.0.2.10', '-r', sample, '--format', form)).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining(`2 calls: --format ${form} holds one picture`),
    });
  });
});

describe('call export', () => {
  test('original frames, byte for byte', async () => {
    expect((await run('export', 'c1f0@192.0.2.10', '-r', sample, '-w', at('one.pcap'))).code).toBe(0);
    const original = readFileSync(sample);
    const exported = readFileSync(at('one.pcap'));
    expect(original.includes(exported.subarray(24 + 16, 24 + 16 + 400))).toBe(true);
    expect(jsonLines((await run('list', '-r', at('one.pcap'), '--format', 'json')).stdout)[0]).toMatchObject({
      messages: 7,
      state: 'ended',
    });
  });

  test('text in the format of sngrep, NDJSON, HEP', async () => {
    await run('export', 'b486@192.0.2.10', '-r', sample, '-w', at('one.txt'));
    expect(readFileSync(at('one.txt'), 'utf8')).toMatch(
      /^2026\/01\/15 09:30:11\.\d{6} 192\.0\.2\.10:\d+ -> \S+:\d+\nINVITE sip:.*\r\n[\s\S]*\r\n\n\n2026/,
    );
    await run('export', 'b486@192.0.2.10', '-r', sample, '-w', at('one.json'));
    expect(jsonLines(readFileSync(at('one.json'), 'utf8')).map(({ method }) => method)).toEqual(['INVITE', '486', 'ACK']);
    await run('export', 'b486@192.0.2.10', '-r', sample, '-w', at('one.hep'));
    expect((await sipcap(['hep', 'edit', at('one.hep'), '--list'])).stdout.match(/^packet/gm)).toHaveLength(3);
  });

  (has('tshark') ? test : test.skip)(
    'anonymised: checksums are right, tshark finds the same ladder, nothing of the original is in any byte',
    async () => {
      // A fixed key: digests of a random one contain any four hexadecimal digits now and then.
      const ended = await run('export', '--kind', 'call', '-r', sample, '-w', at('hidden.pcap'), '--anonymise', '--anonymise-key', 'a key');
      expect(ended.code).toBe(0);
      const bytes = readFileSync(at('hidden.pcap'));
      for (const secret of ['alice', 'bob', 'carol', 'example.com', 'example.net', '12025550100', '192.0.2.10', 'c1f0', 'b486', 'x6c2'])
        expect([secret, bytes.toString('latin1').toLowerCase().includes(secret)]).toEqual([secret, false]);
      expect(bytes.includes(Buffer.from([192, 0, 2, 10]))).toBe(false);
      const shark = (...args: string[]) =>
        spawnSync('tshark', ['-r', at('hidden.pcap'), '-o', 'udp.check_checksum:TRUE', '-o', 'tcp.check_checksum:TRUE', ...args], {
          encoding: 'utf8',
        }).stdout;
      expect(shark('-Y', 'udp.checksum.status == 0 || tcp.checksum.status == 0 || _ws.malformed')).toBe('');
      expect(shark('-Y', 'sip').trim().split('\n')).toHaveLength(16);
    },
  );

  test('refuses to overwrite its input', async () => {
    expect((await run('export', '--latest', '-r', sample, '-w', sample)).code).toBe(2);
    expect((await run('export', 'none', '-r', sample, '-w', at('none.pcap'))).code).toBe(5);
  });
});

test('call stats: groups of wide characters leave the columns in line', async () => {
  const agents = ['電話機', '電話機'.repeat(10), '😀'.repeat(20), 'plain'];
  const calls = agents.map((agent, i) => answered(3000, 63_000, { callId: `ua${i}`, headers: [`User-Agent: ${agent}`] }));
  writeFileSync(at('agents.pcap'), captureOf(calls.flat()));
  const lines = (await run('stats', '-r', at('agents.pcap'), '--by', 'ua')).stdout.trimEnd().split('\n').slice(1, -1);
  expect(lines).toHaveLength(4);
  expect(new Set(lines.map((line) => columnsOf(line.slice(0, line.indexOf('█'))))).size).toBe(1);
  expect(lines.join('')).not.toContain('\ufffd');
});

test('call stats: figures, groups, CSV', async () => {
  const { stdout } = await run('stats', '-r', sample, '--format', 'json');
  expect(jsonLines(stdout)[0]).toMatchObject({ by: 'none', attempts: 3, answered: 1, acd_seconds: 9.04, registrations: 1, messages: 22 });
  expect((await run('stats', '-r', sample, '--by', 'status')).stdout).toMatch(/^486 +1 +0 .*█+$/m);
  expect((await run('stats', '-r', sample, '--by', 'method', '--format', 'csv')).stdout.split('\r\n')[0]).toMatch(
    /^method,attempts,answered,asr_percent/,
  );
});
