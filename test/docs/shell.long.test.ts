/**
 * The lines of all blocks of `sh` in README.md and docs/*.md, run in a network namespace with interfaces, hosts and folders
 * of their own. What runs until it is stopped is stopped by Ctrl-C as soon as it reports that it runs.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { certificate } from '../capture/hep/rig.js';
import { captureOf } from '../rigs/capture-of.js';
import { callMessages } from '../rigs/stored-calls.js';
import { root, temporaryFolder } from '../rigs/sipcap.js';
import { PAGES, blocksOf, reasonNotToRun } from './pages.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
const namespace = `sc${process.pid}d`;
const ip = (...args: string[]) => execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
const why = process.getuid!() !== 0 ? 'needs root' : spawnSync('ip', ['netns', 'add', namespace]).status === 0 ? '' : 'needs ip netns';

/** Printed by what runs until it is stopped. */
const RUNS = /: (?:capturing on |listening on |listening for |serving |reading )|listening on eth0/;
const UNTIL_STOPPED = /\bhep listen\b|\bhep relay --from\b|^sipcap serve\b| -i eth|^tail -F|^tcpdump/;

interface Ended {
  line: string;
  code: number | null;
  stderr: string;
}

/** One line in the sandbox. */
function run(line: string, untilStopped = UNTIL_STOPPED.test(line)): Promise<Ended> {
  const args = ['netns', 'exec', namespace, 'bash', join(root, 'test/docs/sandbox.sh'), folder.path, line];
  const child = spawn('ip', args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
    env: { ...process.env, SIPCAP_CONFIG: '', TZ: 'UTC' },
  });
  // A terminal's Ctrl-C reaches all programs of a line. What never reports that it runs is killed.
  const kill = (signal: NodeJS.Signals) => process.kill(-child.pid!, signal);
  const limit = setTimeout(() => kill('SIGKILL'), 60_000);
  let stderr = '';
  let isStopped = !untilStopped;
  child.stderr.on('data', (text: Buffer) => {
    stderr += text.toString();
    if (isStopped || !RUNS.test(stderr)) return;
    isStopped = true;
    kill('SIGINT');
  });
  return new Promise((done) =>
    child.on('close', (code) => {
      clearTimeout(limit);
      done({ line, code, stderr });
    }),
  );
}

/** The programs, captures and folders that the pages speak of. */
beforeAll(async () => {
  if (why !== '') return;
  ip('-n', namespace, 'link', 'set', 'lo', 'up');
  for (const [i, name] of ['eth0', 'eth1', 'eth2'].entries()) {
    ip('-n', namespace, 'link', 'add', name, 'type', 'veth', 'peer', 'name', `far${i}`);
    ip('-n', namespace, 'address', 'add', `10.0.${i}.1/24`, 'dev', name);
    for (const end of [name, `far${i}`]) ip('-n', namespace, 'link', 'set', end, 'up');
  }
  for (const name of ['bin', 'work', 'run/sipcap', 'var/spool/sipcap', 'var/lib/sipcap', 'man']) mkdirSync(at(name), { recursive: true });
  const program = (name: string, text: string) => writeFileSync(at(`bin/${name}`), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  program('sipcap', `exec ${process.execPath} ${join(root, 'bin/run.js')} "$@"`);
  program('sudo', 'exec "$@"');
  program('less', 'exec cat');
  symlinkSync(join(root, 'man'), at('man/man1'));
  execFileSync('cp', ['-a', '/etc', at('etc')]);
  writeFileSync(at('etc/hosts'), '127.0.0.1 localhost homer.example.net\n');
  mkdirSync(at('etc/sipcap'));
  const serve = `db_url: sqlite:/var/lib/sipcap/sipcap.db\nsocket: [hep_udp:127.0.0.1]\nmi: {fifo: /run/sipcap/fifo, http: "127.0.0.1:8888"}\n`;
  writeFileSync(at('etc/sipcap/serve.yaml'), serve);

  const work = at('work');
  cpSync(join(root, 'samples'), join(work, 'samples'), { recursive: true });
  for (const [name, sample] of [
    ['trace.pcap', 'sample.pcap'],
    ['capture.route', 'capture.route'],
  ])
    cpSync(join(root, 'samples', sample), join(work, name));
  const { key, cert } = certificate('node')!;
  writeFileSync(join(work, 'node.key'), key);
  for (const name of ['node.crt', 'agents.crt']) writeFileSync(join(work, name), cert);
  writeFileSync(join(work, 'proxy.log'), 'relayed callid=c1f0@192.0.2.10\n');
  writeFileSync(join(work, 'record.json'), '{"call_id": "c9", "mos": 4.1}\n');
  const now = Date.now() * 1000;
  writeFileSync(join(work, 'now.pcap'), captureOf(callMessages({ callId: 'now', at: now - 600e6, status: 486 })));
  for (const line of ['sipcap capture mirror now.pcap --db sqlite:calls.db -q', 'sipcap capture mirror trace.pcap -w packets.hep -q'])
    expect(await run(line)).toMatchObject({ code: 0, stderr: '' });
}, 120_000);

afterAll(() => {
  spawnSync('ip', ['netns', 'del', namespace]);
  folder.remove();
});

const blocks = PAGES.flatMap((page) => blocksOf(page).filter(({ language }) => language === 'sh'));
const runnable = blocks.filter((block) => reasonNotToRun(block) === '');

(why === '' ? describe : describe.skip)(`blocks of sh run${why === '' ? '' : ` (${why})`}`, () => {
  test.each(runnable.map((block) => [`${block.page}:${block.line}`, block.lines] as const))(
    '%s',
    async (place, lines) => {
      const node = place.startsWith('docs/management.md') ? run('sipcap serve -c /etc/sipcap/serve.yaml', false) : null;
      void node;
      for (const line of lines) {
        const { code, stderr } = await run(line);
        if (code !== 0) throw new Error(`${line}\nexit code ${code}: ${stderr}`);
      }
    },
    180_000,
  );
});
