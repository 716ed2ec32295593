/**
 * The lines of all blocks of `sh` in README.md and docs/*.md, run in a network namespace with interfaces, hosts and folders
 * of their own. What runs until it is stopped is stopped by Ctrl-C as soon as it shows that it runs.
 */
import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { quarantineLine } from '../../src/lib/pipeline/output/quarantine.js';
import { certificate } from '../capture/hep/rig.js';
import { captureOf } from '../rigs/capture-of.js';
import { hep3, plainChunks, u8 } from '../rigs/hep-packets.js';
import { root, temporaryFolder, until } from '../rigs/sipcap.js';
import { callMessages } from '../rigs/stored-calls.js';
import { PAGES, blocksOf, reasonNotToRun } from './pages.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
const namespace = `sc${process.pid}d`;
const ip = (...args: string[]) => execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
const why = process.getuid!() !== 0 ? 'needs root' : spawnSync('ip', ['netns', 'add', namespace]).status === 0 ? '' : 'needs ip netns';

/** Lines that run until they are stopped, and what shows that they run; of tail and relay, what the other program shows. */
const UNTIL_STOPPED: readonly (readonly [line: RegExp, runs: RegExp])[] = [
  [/^tcpdump/, /OPTIONS/],
  [/^tail -F/, /c1f0@/],
  [/hep relay --from/, /spooled/],
  [/\bhep listen\b/, /: listening on /],
  [/^sipcap serve\b/, /"serving /],
  [/ -i eth/, /: capturing on /],
];

/** Another program, which begins before the line and is stopped after it. */
const MEANWHILE: readonly (readonly [line: RegExp, program: string])[] = [
  [/^tcpdump/, 'while sleep 0.1; do printf "OPTIONS sip:a SIP/2.0\\r\\nCall-ID: a\\r\\n\\r\\n" > /dev/udp/10.0.0.9/5060; done'],
  [/^tail -F/, 'sipcap hep listen hep_udp:127.0.0.1:9060 --format json'],
  [/--hep hep_udp:127/, 'sipcap hep listen hep_udp:127.0.0.1:9060'],
  [/^sipcap mi |^curl/, 'sipcap serve -c /etc/sipcap/serve.yaml'],
  [
    /hep relay --from/,
    'until sipcap capture mirror trace.pcap --hep hep_udp:127.0.0.1:9060 -q && sipcap hep spool /var/spool/sipcap; do sleep 0.2; done; echo spooled; sleep 1000',
  ],
  [/--drain$/, 'sipcap hep listen hep_tcp:127.0.0.1:9060'],
];

/** Names in capitals are the reader's. */
const NAMES: Record<string, string> = { FILE: 'rejected.ndjson', URL: 'sqlite:calls.db', PATH: 'calls.db' };

class Line {
  readonly ended: Promise<number | null>;
  printed = '';
  private readonly child: ChildProcess;

  constructor(line: string) {
    const args = ['netns', 'exec', namespace, 'bash', join(root, 'test/docs/sandbox.sh'), folder.path, line];
    const env = { ...process.env, SIPCAP_CONFIG: '', SIPCAP_DB: undefined, TZ: 'UTC' };
    this.child = spawn('ip', args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true, env });
    for (const stream of [this.child.stdout!, this.child.stderr!]) stream.on('data', (text: Buffer) => (this.printed += text.toString()));
    this.ended = new Promise((done) => this.child.on('close', (code) => done(code)));
  }

  async shows(what: RegExp): Promise<void> {
    await until(() => what.test(this.printed), String(what), 40_000).catch(() => {
      throw new Error(`no ${String(what)} in: ${this.printed}`);
    });
  }

  /** A terminal's Ctrl-C reaches all programs of a line. */
  stop(signal: NodeJS.Signals = 'SIGINT'): void {
    try {
      process.kill(-this.child.pid!, signal);
    } catch {
      // It has ended.
    }
  }
}

function matching<T>(table: readonly (readonly [RegExp, T])[], line: string): T | undefined {
  return table.find(([pattern]) => pattern.test(line))?.[1];
}

/** Packets of a relay whose target is away wait in its spool; input from a pipe had no end yet. */
const EXIT_CODES: readonly (readonly [line: RegExp, code: number])[] = [
  [/hep relay --from/, 4],
  [/^(?:tcpdump|tail -F)/, 130],
];

/** Runs a line; throws if it fails. */
async function run(text: string): Promise<void> {
  const line = text.replaceAll(/\b(?:FILE|URL|PATH)\b/g, (name) => NAMES[name]);
  const other = matching(MEANWHILE, line);
  const meanwhile = other === undefined ? null : new Line(other);
  const otherRuns = other === undefined ? undefined : matching(UNTIL_STOPPED, other);
  if (otherRuns !== undefined) await meanwhile!.shows(otherRuns);
  const running = new Line(line);
  const runs = matching(UNTIL_STOPPED, line);
  try {
    if (runs !== undefined) {
      await (/^tail|relay --from/.test(line) ? meanwhile! : running).shows(runs);
      running.stop();
    }
    const code = await Promise.race([running.ended, sleep(60_000, 'no end within 60 s', { ref: false })]);
    if (code !== (matching(EXIT_CODES, line) ?? 0)) throw new Error(`${line}\nexit code ${code}: ${running.printed}`);
  } finally {
    running.stop('SIGKILL');
    meanwhile?.stop(otherRuns === undefined ? 'SIGKILL' : 'SIGINT');
    await meanwhile?.ended;
  }
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
  ip('-n', namespace, 'neighbour', 'add', '10.0.0.9', 'lladdr', '02:00:00:00:00:09', 'dev', 'eth0');
  for (const name of ['bin', 'work', 'run/sipcap', 'var/spool/sipcap', 'var/lib/sipcap', 'man']) mkdirSync(at(name), { recursive: true });
  const program = (name: string, text: string) => writeFileSync(at(`bin/${name}`), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  program('sipcap', `exec ${process.execPath} ${join(root, 'bin/run.js')} "$@"`);
  program('sudo', 'exec "$@"');
  program('less', 'exec cat');
  symlinkSync(join(root, 'man'), at('man/man1'));
  execFileSync('cp', ['-a', '/etc', at('etc')]);
  writeFileSync(at('etc/hosts'), '127.0.0.1 localhost homer.example.net\n');
  mkdirSync(at('etc/sipcap'));
  const served =
    'db_url: sqlite:/var/lib/sipcap/sipcap.db\nsocket: [hep_udp:127.0.0.1]\nmi: {fifo: /run/sipcap/fifo, http: "127.0.0.1:8888"}\n';
  writeFileSync(at('etc/sipcap/serve.yaml'), served);

  const work = at('work');
  cpSync(join(root, 'samples'), join(work, 'samples'), { recursive: true });
  cpSync(join(root, 'samples/sample.pcap'), join(work, 'trace.pcap'));
  cpSync(join(root, 'samples/capture.route'), join(work, 'capture.route'));
  const { key, cert } = certificate('node')!;
  writeFileSync(join(work, 'node.key'), key);
  for (const name of ['node.crt', 'agents.crt']) writeFileSync(join(work, name), cert);
  writeFileSync(join(work, 'proxy.log'), 'relayed callid=c1f0@192.0.2.10\n');
  writeFileSync(join(work, 'record.json'), '{"call_id": "c9", "mos": 4.1}\n');
  writeFileSync(join(work, 'rejected.ndjson'), quarantineLine('sip_capture', 'not yet', ['callid', 'msg'], ['late', 'OPTIONS']));
  const report = plainChunks({ 11: u8(100), 15: '{"call_id": "now"}' });
  writeFileSync(join(work, 'packets.hep'), Buffer.concat([hep3(...report), hep3(...report)]));
  const tenMinutesAgo = (Date.now() - 600_000) * 1000;
  writeFileSync(join(work, 'now.pcap'), captureOf(callMessages({ callId: 'now', at: tenMinutesAgo, status: 486 })));
  await run('sipcap capture mirror now.pcap --db sqlite:calls.db -q');
  await run('sipcap hep edit packets.hep --output-format pcap > hep.pcap');
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
    async (_, lines) => {
      for (const line of lines) await run(line);
      expect(lines.length).toBeGreaterThan(0);
    },
    180_000,
  );
});
