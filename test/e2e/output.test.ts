/** Output for people and scripts: lines, JSON, capture files, exit codes, signals and pipes. */
import { execFile, execFileSync, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from '@jest/globals';
import { pcapFile, sipMessages } from '../../bench/corpus.mjs';
import { killAll, root, sipcap, start, summary, temporaryFolder, until } from '../rigs/sipcap.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
const sample = join(root, 'samples/sample.pcap');
const hasTshark = spawnSync('tshark', ['--version']).status === 0;
const withTshark = hasTshark ? test : test.skip;

afterAll(() => {
  killAll();
  folder.remove();
});

interface Schema {
  required: string[];
  properties: Record<string, { type: string; minimum?: number; maximum?: number; pattern?: string }>;
}

describe('messages on standard output', () => {
  test('one line each: time, source → destination, transport, method or status, from → to, Call-ID', async () => {
    const ended = await sipcap(['capture', 'mirror', '-r', sample], { env: { TZ: 'UTC' } });
    const lines = ended.stdout.trim().split('\n');
    expect(lines).toHaveLength(22);
    expect(lines[0]).toBe(
      '2026-01-15 09:30:00.020137       192.0.2.10:5060 → 198.51.100.20:5060    UDP  INVITE (sdp)           alice@example.com → bob@example.net  c1f0@192.0.2.10',
    );
    expect(ended.stderr).toContain('messages   22 found = 0 filtered + 0 rejected + 22 delivered');
    expect(ended.code).toBe(0);
  });

  test('-v prints the whole message, -q no summary, -c stops', async () => {
    const ended = await sipcap(['capture', 'mirror', '-r', sample, '-v', '-q', '-c', '1']);
    expect(ended.stdout).toContain('\nP-Asserted-Identity: <sip:+12025550100@example.com>\n');
    expect(ended.stdout).not.toContain('100 Trying');
    expect(ended.stderr).toBe('');
  });

  test('JSON lines match the schema', async () => {
    const schema = JSON.parse(readFileSync(join(root, 'schema/message.schema.json'), 'utf8')) as Schema;
    const ended = await sipcap(['capture', 'mirror', '-r', sample, '--format', 'json', '-q']);
    const objects = ended.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(objects).toHaveLength(22);
    for (const object of objects) {
      for (const name of schema.required) expect(object).toHaveProperty(name);
      for (const [name, value] of Object.entries(object)) {
        const { type, minimum, maximum, pattern } = schema.properties[name];
        expect([
          name,
          type === 'integer' ? Number.isInteger(value) : type === 'array' ? Array.isArray(value) : typeof value === type,
        ]).toEqual([name, true]);
        if (minimum !== undefined) expect(value as number).toBeGreaterThanOrEqual(minimum);
        if (maximum !== undefined) expect(value as number).toBeLessThanOrEqual(maximum);
        if (pattern !== undefined) expect(value).toMatch(new RegExp(pattern));
      }
    }
    expect(objects.find(({ vlan }) => vlan === 120)).toMatchObject({ method: 'REGISTER' });
    expect(objects.find(({ outer_source_ip: outer }) => outer === '203.0.113.1')).toMatchObject({
      callid: 'b486@192.0.2.10',
      source_ip: '192.0.2.10',
    });
  });

  test('control characters in a hostile message do not reach the terminal', async () => {
    writeFileSync(
      at('hostile.pcap'),
      pcapFile([
        Buffer.from('OPTIONS sip:\x1b[31mred SIP/2.0\r\nCall-ID: a\x1b]0;title\x07b\r\nTo: <sip:x\x9by@z>\r\n\r\n', 'latin1'),
      ]) as Buffer,
    );
    for (const flag of [[], ['-v']]) {
      expect((await sipcap(['capture', 'mirror', '-r', at('hostile.pcap'), ...flag])).stdout).not.toMatch(
        // eslint-disable-next-line no-control-regex
        /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/,
      );
    }
  });

  test('--port limits to ports, in either direction', async () => {
    const none = await sipcap(['capture', 'mirror', '-r', sample, '--port', '5061-5090', '--summary', 'json']);
    expect(summary(none).messages).toEqual({ found: 22, filtered: { port: 22 }, rejected: {}, lost: {}, delivered: 0 });
    const some = await sipcap(['capture', 'mirror', '-r', sample, '--port', '50600', '--summary', 'json']);
    expect(summary(some).messages.delivered).toBe(2);
  });

  test('a closed pipe ends quietly', () => {
    writeFileSync(at('many.pcap'), pcapFile(sipMessages(20_000)) as Buffer);
    const piped = spawnSync(
      'bash',
      ['-c', `node ${root}/bin/run.js capture mirror -r ${at('many.pcap')} -q | head -2; echo "\${PIPESTATUS[0]}"`],
      { encoding: 'utf8' },
    );
    expect(piped.stdout.trim().split('\n')).toHaveLength(3);
    expect(piped.stdout.trim().split('\n')[2]).toBe('0');
    expect(piped.stderr).toBe('');
  });
});

describe('capture file output', () => {
  withTshark('-w writes the frames of each message as they came', async () => {
    const ended = await sipcap(['capture', 'mirror', '-r', sample, '-w', at('out.pcap'), '--summary', 'json']);
    expect(summary(ended).sinks).toMatchObject([{ sink: 'file', delivered: 22, written: 22 }]);
    const { stdout } = await promisify(execFile)('tshark', [
      '-r',
      at('out.pcap'),
      '-Y',
      'sip',
      '-T',
      'fields',
      '-e',
      'frame.time_epoch',
      '-e',
      'sip.Call-ID',
    ]);
    const original = await promisify(execFile)('tshark', [
      '-r',
      sample,
      '-Y',
      'sip',
      '-T',
      'fields',
      '-e',
      'frame.time_epoch',
      '-e',
      'sip.Call-ID',
    ]);
    expect(stdout).toBe(original.stdout);
    const again = await sipcap(['capture', 'mirror', '-r', at('out.pcap'), '--format', 'json', '-q']);
    const first = await sipcap(['capture', 'mirror', '-r', sample, '--format', 'json', '-q']);
    const digest = (text: string) =>
      text
        .trim()
        .split('\n')
        .map((line) =>
          createHash('sha256')
            .update((JSON.parse(line) as { msg: string }).msg)
            .digest('hex'),
        );
    expect(digest(again.stdout)).toEqual(digest(first.stdout));
  });

  test('-w - writes to a pipe', () => {
    const bytes = execFileSync(process.execPath, ['bin/run.js', 'capture', 'mirror', '-r', sample, '-w', '-', '-q'], { cwd: root });
    expect(bytes.readUInt32LE(0)).toBe(0xa1b2c3d4);
    const ended = spawnSync(process.execPath, ['bin/run.js', 'capture', 'mirror', '-r', '-'], {
      cwd: root,
      input: bytes,
      encoding: 'utf8',
    });
    expect(ended.stdout.trim().split('\n')).toHaveLength(22);
  });

  test('a file that cannot be written is a startup error', async () => {
    const ended = await sipcap(['capture', 'mirror', '-r', sample, '-w', at('no/such/folder/out.pcap')]);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toMatch(/^sipcap: cannot write .*out\.pcap: .*no such file or folder/);
  });
});

describe('errors, the summary and signals', () => {
  test.each([
    [['capture', 'mirror'], 2, /no input: specify FILE/],
    [['capture', 'mirror', '-r', sample, '--port', '5090-5060'], 2, /5060 is before 5090/],
    [
      ['capture', 'mirror', '-r', sample, '--db', 'dbtext:/tmp'],
      2,
      /unsupported database 'dbtext': expected sqlite:PATH, mysql:\/\/.*, postgres:\/\/.* or clickhouse:\/\//,
    ],
    [
      ['capture', 'mirror', '-r', sample, '--db', 'sqlite:/no/such/folder/x.db'],
      2,
      /cannot open database sqlite:\/no\/such\/folder\/x\.db: no such folder \/no\/such\/folder/,
    ],
    [['capture', 'mirror', '-r', sample, '--table', 'a;drop table b', '--db', 'sqlite::memory:'], 2, /invalid table name/],
    [['capture', 'mirror', '-r', sample, '-w', sample], 2, /is being read and cannot be written/],
    [['capture', 'mirror', '-r', '-', '-r', '-'], 2, /can be read only once/],
    [['hep', 'listen', 'hep_sctp:127.0.0.1:9060'], 2, /invalid HEP endpoint/],
    [['capture', 'mirro'], 2, /did you mean 'sipcap capture mirror'/],
  ])('%j exits with %d', async (args, code, words) => {
    const ended = await sipcap(args);
    expect(ended.stderr).toMatch(words);
    expect(ended.code).toBe(code);
  });

  test.each([
    ['short', /^1 files, 22 messages, 22 delivered in \d+\.\d\d s\n$/],
    ['full', /^files +1 with [\d,]+ packets[^]*\ntime /],
    ['json', /^\{"files":.*\}\n$/],
    ['none', /^$/],
  ])('--summary %s', async (form, expected) => {
    expect((await sipcap(['capture', 'mirror', '-r', sample, '--summary', form])).stderr).toMatch(expected);
  });

  test('SIGUSR1 prints the summary and processing continues', async () => {
    const running = start(['capture', 'mirror', '-r', '-', '--summary', 'json']);
    running.child.stdin!.write(readFileSync(sample));
    await until(() => running.shown().includes('OPTIONS'), 'messages');
    running.child.kill('SIGUSR1');
    await until(() => running.logged().includes('"delivered":22'), 'sums');
    running.child.stdin!.end();
    const ended = await running.ended;
    expect(ended.stderr.trim().split('\n')).toHaveLength(2);
    expect(ended.code).toBe(0);
  });

  test('SIGUSR1 during startup does not open the debugger', async () => {
    const child = spawn(process.execPath, [join(root, 'bin/run.js'), 'capture', 'mirror', '-r', '-', '-q']);
    let logged = '';
    child.stderr.on('data', (chunk: Buffer) => (logged += chunk.toString()));
    await new Promise((resume) => setTimeout(resume, 700));
    child.kill('SIGUSR1');
    child.stdin.end(readFileSync(sample));
    await new Promise((resume) => child.on('close', resume));
    expect(logged).not.toMatch(/Debugger/);
  });
});
