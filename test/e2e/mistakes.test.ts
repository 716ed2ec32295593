/** User errors, with the exact output and exit code: mistakes.txt; and errors that need a process, a port or a peer of their own. */
import { execFile, spawn, spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { certificate } from '../capture/hep/rig.js';
import { environment, killAll, root, sipcap, start, temporaryFolder, until } from '../rigs/sipcap.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
const sample = join(root, 'samples/sample.pcap');

interface Answer {
  code: number;
  stdout: string;
  stderr: string;
}

/** `$ words`, the exit code, `> ` lines of standard output, `! ` lines of standard error. */
const table = readFileSync(join(import.meta.dirname, 'mistakes.txt'), 'utf8')
  .trim()
  .split(/\n(?=\$ )/)
  .map((text) => text.split('\n'))
  .map(([line, ...answer]) => ({ line: line.slice(2), answer: answer.join('\n').trim() }));
let answers: Answer[];

const words = (line: string) => [...line.matchAll(/'([^']*)'|(\S+)/g)].map((match) => match[1] ?? match[2]);
const marked = (mark: string, text: string) =>
  text
    .split('\n')
    .slice(0, -1)
    .map((line) => `${mark} ${line}`);

beforeAll(async () => {
  mkdirSync(at('folder'));
  copyFileSync(sample, at('trace.pcap'));
  writeFileSync(at('broken.yaml'), 'capture_on: [\n');
  writeFileSync(at('node.cfg'), '# a node\nsocket: hep_udp:127.0.0.1\n');
  writeFileSync(at('loop.yaml'), 'socket: hep_udp:0.0.0.0:9060\nhep_targets: hep_udp:127.0.0.1:9060\n');
  writeFileSync(at('notes.txt'), 'hello\n');
  writeFileSync(at('short.hep'), 'HEP');
  writeFileSync(at('blank.txt'), '\n');
  writeFileSync(at('wrong.route'), 'route { sip_captur(); }\n');
  const child = spawn(process.execPath, [join(root, 'test/rigs/command-lines.mjs')], {
    env: { ...environment, SIPCAP_DB: undefined, SIPCAP_CONFIG: '', TZ: 'UTC' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let out = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stdin.end(JSON.stringify({ folder: folder.path, lines: table.map(({ line }) => words(line)) }));
  await new Promise((done) => child.on('close', done));
  answers = JSON.parse(out) as Answer[];
}, 60_000);

afterAll(() => {
  killAll();
  folder.remove();
});

test('there are at least a hundred cases', () => {
  expect(table.length).toBeGreaterThanOrEqual(100);
});

test.each(table.map(({ line, answer }, i) => [line, answer, i] as const))('sipcap %s', (_line, answer, i) => {
  const { code, stdout, stderr } = answers[i];
  expect([String(code), ...marked('>', stdout), ...marked('!', stderr)].join('\n')).toBe(answer);
});

test('every error has at most two lines, except for preceding warnings and quoted scripts', () => {
  const long = table.filter(({ answer }) => {
    const errors = answer.split('\n').filter((line) => line.startsWith('!') && !line.includes('has no effect'));
    return errors.length > 2 && !/\^|note: /.test(answer);
  });
  expect(long.map(({ line }) => line)).toEqual([]);
});

describe('a closed pipe is not an error', () => {
  test.each([
    ['standard error', 'hep edit absent.hep 2>&1 >/dev/null | true'],
    ['both', 'capture mirror trace.pcap 2>&1 | true'],
    ['help', 'capture mirror --help | true'],
    ['a table', 'hep chunks | true'],
  ])('%s', async (_what, line) => {
    const program = `'${process.execPath}' '${join(root, 'bin/run.js')}'`;
    const piped = await new Promise<string>((done) =>
      execFile(
        'bash',
        ['-c', `set -o pipefail; ${program} ${line}; echo "\${PIPESTATUS[0]}"`],
        { cwd: folder.path, env: { ...process.env, SIPCAP_DB: '' } },
        (_error, stdout) => done(stdout.trim().split('\n').pop()!),
      ),
    );
    expect(piped).toBe(line.startsWith('hep edit') ? '2' : '0');
  });
});

const asNobody = process.getuid?.() === 0 && spawnSync('setpriv', ['--version']).status === 0 ? test : test.skip;

asNobody('a missing right names the file, and is 2', async () => {
  chmodSync(folder.path, 0o755);
  writeFileSync(at('closed.db'), '');
  chmodSync(at('closed.db'), 0o600);
  writeFileSync(at('open.db'), '');
  chmodSync(at('open.db'), 0o666);
  const run = (...args: string[]) => {
    const { status, stderr } = spawnSync(
      'setpriv',
      ['--reuid=65534', '--regid=65534', '--clear-groups', process.execPath, join(root, 'bin/run.js'), ...args],
      { cwd: folder.path, encoding: 'utf8', env: { ...process.env, SIPCAP_DB: '', SIPCAP_CONFIG: '' } },
    );
    return [status, stderr];
  };
  expect(run('capture', 'mirror', 'trace.pcap', '-w', 'out.pcap')).toEqual([2, 'sipcap: cannot write out.pcap: permission denied\n']);
  expect(run('capture', 'mirror', 'trace.pcap', '--db', 'sqlite:new.db', '--quarantine', '/tmp/q.ndjson')).toEqual([
    2,
    'sipcap: cannot open database sqlite:new.db: no permission to write in .\n',
  ]);
  expect(run('capture', 'mirror', 'trace.pcap', '--db', 'sqlite:open.db', '--quarantine', '/tmp/q.ndjson')).toEqual([
    2,
    'sipcap: cannot open database sqlite:open.db: no permission to write in ., where its write-ahead log belongs\n',
  ]);
  expect(run('call', 'list', '--db', 'sqlite:closed.db')).toEqual([
    2,
    'sipcap: cannot open database sqlite:closed.db: no permission to read it\n',
  ]);
  expect(run('hep', 'listen', 'hep_udp:127.0.0.1:53')[1]).toMatch(
    /^sipcap: (listening|cannot listen on hep_udp:127.0.0.1:53: permission denied: ports below 1024 need CAP_NET_BIND_SERVICE)/,
  );
});

test('a port in use: reports its owner, and suggests another port', async () => {
  const server = await new Promise<Server>((done) => {
    const made = createServer().listen(0, '127.0.0.1', () => done(made));
  });
  const { port } = server.address() as AddressInfo;
  const ended = await sipcap(['hep', 'listen', `hep_tcp:127.0.0.1:${port}`]);
  server.close();
  expect(ended.code).toBe(2);
  expect(ended.stderr).toMatch(
    new RegExp(
      `^sipcap: cannot listen on hep_tcp:127.0.0.1:${port}: port in use by .+ \\(pid ${process.pid}\\); stop it, or choose another port: hep_tcp:127.0.0.1:${port + 1}\n$`,
    ),
  );
});

const identity = certificate('mistakes');
(identity === null ? test.skip : test)(
  'failures of TLS name the peer and the reason on both sides',
  async () => {
    const { cert, key } = identity!;
    writeFileSync(at('cert.pem'), cert);
    writeFileSync(at('key.pem'), key);
    const listener = start(['hep', 'listen', 'hep_tls:127.0.0.1:0', '--tls-cert', at('cert.pem'), '--tls-key', at('key.pem')]);
    await until(() => listener.logged().includes('listening'), 'the listener');
    const port = /hep_tls:127\.0\.0\.1:(\d+)/.exec(listener.logged())![1];
    const sender = await sipcap(['capture', 'mirror', sample, '-q', '--hep', `hep_tls:127.0.0.1:${port}`]);
    expect(sender.code).toBe(4);
    expect(sender.stderr).toContain(
      `sipcap: hep_tls:127.0.0.1:${port}: TLS: its certificate is not signed by a trusted authority (self-signed); name its authority with --target-ca FILE\n`,
    );
    await until(() => listener.logged().includes('no TLS connection'), 'the word of the listener');
    expect(listener.logged()).toMatch(/no TLS connection from 127\.0\.0\.1:\d+: \S+/);
    listener.child.kill('SIGTERM');
    await listener.ended;
  },
  60_000,
);
