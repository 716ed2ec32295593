/** The recipes of docs/recipes.md with the real programs: tshark, extcap, rsyslog, logger, journald. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { closeReceivers, sendUdp, udpReceiver } from '../rigs/hep-receivers.js';
import { freePort } from '../rigs/free-port.js';
import { root, sipcap, temporaryFolder, until } from '../rigs/sipcap.js';
import { missing } from '../rigs/system-package.js';

const recipes = readFileSync(join(root, 'docs/recipes.md'), 'utf8');
const sample = join(root, 'samples/sample.pcap');
const SAMPLE_MESSAGES = 22;
const NOBODY = 65_534;
const isRoot = process.getuid!() === 0;

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
chmodSync(folder.path, 0o777);
mkdirSync(at('bin'));
writeFileSync(at('bin/sipcap'), `#!/bin/sh\nexec ${process.execPath} ${join(root, 'bin/run.js')} "$@"\n`, { mode: 0o755 });
const env = {
  ...process.env,
  TMPDIR: folder.path,
  SIPCAP_DB: undefined,
  SIPCAP_CONFIG: '',
  PATH: `${at('bin')}:${process.env.PATH}:/usr/sbin:/sbin`,
};
const absent = (...programs: string[]) => {
  const missing = programs.filter((program) => spawnSync('sh', ['-c', `command -v ${program}`], { env }).status !== 0);
  return missing.length === 0 ? '' : `needs ${missing.join(', ')}`;
};
const rsyslogd = missing('rsyslogd', 'rsyslog');
const testWhere = (why: string) => (name: string, run: () => Promise<void>) =>
  (why === '' ? test : test.skip)(`${name}${why === '' ? '' : ` (${why})`}`, run, 60_000);

/** The messages of the sample as HEP. */
let packets: Buffer[] = [];
beforeAll(async () => {
  const { port, got } = await udpReceiver();
  // It is sent more than once: with their identity these would be repeats.
  await sipcap(['capture', 'mirror', sample, '--hep', `hep_udp:127.0.0.1:${port}`, '--no-hep-identity', '-q']);
  await until(() => got.length === SAMPLE_MESSAGES, 'the sample as HEP');
  packets = got;
  closeReceivers();
}, 30_000);

const children = new Set<ChildProcess>();
afterAll(() => {
  for (const child of children) {
    try {
      process.kill(-child.pid!, 'SIGKILL');
    } catch {
      // Its group has ended.
    }
  }
  folder.remove();
});

interface Shell {
  shown(): string;
  logged(): string;
  /** Ends its whole group. */
  stop(): void;
  ended: Promise<number | null>;
}

/** Runs a line of a shell, in a process group of its own. */
function shell(line: string, more: Record<string, string> = {}, user?: number): Shell {
  const child = spawn('sh', ['-c', line], { cwd: folder.path, env: { ...env, ...more }, detached: true, uid: user, gid: user });
  children.add(child);
  let [shown, logged] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (shown += String(chunk)));
  child.stderr.on('data', (chunk: Buffer) => (logged += String(chunk)));
  const ended = new Promise<number | null>((done) =>
    child.on('close', (code) => {
      children.delete(child);
      done(code);
    }),
  );
  return { shown: () => shown, logged: () => logged, ended, stop: () => void process.kill(-child.pid!, 'SIGTERM') };
}

/** A line of the page, with what this machine has instead. */
function line(text: string, ...changes: [string, string][]): string {
  expect(recipes).toContain(`\n    ${text}\n`);
  return changes.reduce((sofar, [old, now]) => {
    expect(sofar).toContain(old);
    return sofar.replace(old, now);
  }, text);
}

const sendSample = (port: number, count = SAMPLE_MESSAGES) => sendUdp(port, packets.slice(0, count));
const lines = (text: string) => text.split('\n').filter(Boolean);

describe('Wireshark', () => {
  testWhere(absent('tshark'))('live: every message arrives', async () => {
    const port = await freePort();
    const command = line(
      'sipcap hep listen -q -w - | wireshark -k -i -',
      ['listen', `listen hep_udp:127.0.0.1:${port}`],
      ['wireshark -k', 'tshark -l -n'],
    );
    const live = shell(command);
    await until(() => live.logged().includes('listening on'), `the listener: ${live.logged()}`);
    await sendSample(port);
    const shown = () => lines(live.shown()).filter((text) => / SIP(?:\/SDP)? \d+ /.test(text));
    await until(() => shown().length >= SAMPLE_MESSAGES, `all messages: ${live.shown()}${live.logged()}`, 30_000);
    expect(shown()).toHaveLength(SAMPLE_MESSAGES);
    expect(live.shown()).toMatch(/ 192\.0\.2\.10 → 198\.51\.100\.20 SIP\/SDP \d+ Request: INVITE sip:bob@example\.net/);
    live.stop();
    await live.ended;
  });

  const script = join(root, 'samples/sipcap-extcap');
  const extcap = (...args: string[]) => spawnSync(script, args, { encoding: 'utf8', env });

  test('the extcap script: interfaces, link type, settings, and what is wrong', () => {
    expect(extcap('--extcap-interfaces', '--extcap-version=4.2').stdout).toMatch(/^extcap \{.*\ninterface \{value=sipcap-hep\}/);
    expect(extcap('--extcap-dlts', '--extcap-interface', 'sipcap-hep').stdout).toBe('dlt {number=1}{name=EN10MB}{display=Ethernet}\n');
    const { stdout } = extcap('--extcap-config', '--extcap-interface=sipcap-hep');
    expect(lines(stdout).map((text) => text.match(/\{call=([^}]*)\}/)![1])).toEqual(['--listen', '--where', '--auth-key-file']);
    expect(extcap('--capture', '--extcap-interface', 'eth0', '--fifo', 'x')).toMatchObject({
      status: 2,
      stderr: "sipcap-extcap: unknown interface 'eth0': expected --extcap-interface sipcap-hep\n",
    });
    expect(extcap('--capture', '--extcap-interface', 'sipcap-hep').stderr).toBe('sipcap-extcap: --capture needs --fifo FILE\n');
    expect(extcap()).toMatchObject({ status: 2 });
  });

  // Wireshark ignores WIRESHARK_EXTCAP_DIR when root runs it.
  const user = isRoot ? NOBODY : undefined;
  const readable = spawnSync('sipcap', ['--version'], { env, cwd: folder.path, uid: user, gid: user }).status === 0;
  testWhere(absent('tshark') || (readable ? '' : 'needs a checkout that everybody may read'))(
    'the extcap script in tshark: listed, captures with listener and condition, ends with it',
    async () => {
      mkdirSync(at('extcap'));
      mkdirSync(at('home'), { mode: 0o777 });
      chmodSync(at('home'), 0o777);
      copyFileSync(script, at('extcap/sipcap-extcap'));
      const variables = { WIRESHARK_EXTCAP_DIR: at('extcap'), HOME: at('home') };
      const listed = shell(line('tshark -D | grep sipcap-hep'), variables, user);
      await listed.ended;
      expect(listed.shown()).toMatch(/^\d+\. sipcap-hep \(SIP from HEP\)\n$/);
      const port = await freePort();
      const command = line('tshark -i sipcap-hep -o extcap.sipcap_hep.listen:hep_udp:0.0.0.0:9060 -c 5', [
        '0.0.0.0:9060',
        `127.0.0.1:${port}`,
      ]);
      const capture = shell(`${command} -l -n -o 'extcap.sipcap_hep.where:is_method("INVITE")'`, variables, user);
      await until(
        () => spawnSync('ss', ['-Huln', `sport = :${port}`], { encoding: 'utf8' }).stdout !== '',
        `the listener: ${capture.logged()}`,
      );
      await sendSample(port);
      expect(await capture.ended).toBe(0);
      const shown = lines(capture.shown());
      expect(shown).toHaveLength(5);
      expect(shown.every((text) => /INVITE/.test(text) || /Status: /.test(text))).toBe(true);
      expect(capture.shown()).not.toContain('Request: ACK');
      await until(() => spawnSync('ss', ['-Huln', `sport = :${port}`], { encoding: 'utf8' }).stdout === '', 'the end of the listener');
    },
  );
});

describe('rsyslog', () => {
  /** Starts it with its own configuration, files and process id. */
  async function rsyslog(name: string, configuration: string): Promise<Shell> {
    mkdirSync(at(name));
    writeFileSync(at(`${name}/rsyslog.conf`), configuration.replace('global(', `global(workDirectory="${at(name)}" `));
    const daemon = shell(`exec rsyslogd -n -f ${at(`${name}/rsyslog.conf`)} -i ${at(`${name}/pid`)}`);
    await until(() => existsSync(at(`${name}/pid`)) || daemon.logged() !== '', 'rsyslogd');
    return daemon;
  }
  const fromPage = recipes.match(/```rsyslog\n([^]*?)```/)![1];

  testWhere(rsyslogd)('imfile: the JSON lines become lines of its template, also after copytruncate', async () => {
    const [file, output] = [at('sip.ndjson'), at('calls.log')];
    writeFileSync(file, '');
    const daemon = await rsyslog(
      'imfile',
      fromPage.replace('/var/log/sipcap/sip.ndjson', file).replace('/var/log/sipcap/calls.log', output),
    );
    const written = () => (existsSync(output) ? lines(readFileSync(output, 'utf8')) : []);
    const port = await freePort();
    const listener = shell(
      line(
        'sipcap hep listen --format json -q >> /var/log/sipcap/sip.ndjson',
        ['listen', `listen hep_udp:127.0.0.1:${port}`],
        ['/var/log/sipcap/sip.ndjson', file],
      ),
    );
    await until(() => listener.logged().includes('listening on'), `the listener: ${listener.logged()}`);
    await sendSample(port);
    await until(() => written().length === SAMPLE_MESSAGES, `all lines: ${daemon.logged()}`, 30_000);
    expect(written()[0]).toBe('2026-01-15T09:30:00.020137Z INVITE  alice > bob c1f0@192.0.2.10');
    // What logrotate does. The file stays shorter than it was, so that rsyslog sees it whenever it looks.
    truncateSync(file);
    await sendSample(port, 10);
    await until(() => written().length === SAMPLE_MESSAGES + 10, `further lines: ${daemon.logged()}`, 30_000);
    expect(written().slice(SAMPLE_MESSAGES)).toEqual(written().slice(0, 10));
    listener.stop();
    await listener.ended;
    daemon.stop();
    await daemon.ended;
    expect(daemon.logged()).toBe('');
  });

  testWhere(rsyslogd || absent('logger'))('logger: whole lines through the socket of syslog', async () => {
    const [socket, output] = [at('devlog'), at('socket.log')];
    const daemon = await rsyslog(
      'socket',
      `global(maxMessageSize="64k")
module(load="imuxsock" SysSock.Use="off")
input(type="imuxsock" Socket="${socket}" RateLimit.Interval="0")
template(name="raw" type="string" string="%syslogfacility-text%.%syslogseverity-text% %syslogtag%%msg%\\n")
action(type="omfile" file="${output}" template="raw")
`,
    );
    await until(() => existsSync(socket), `the socket: ${daemon.logged()}`);
    const port = await freePort();
    const listener = shell(
      line(
        'sipcap hep listen --format json -q | logger --socket /dev/log --size 64KiB -t sipcap -p local6.info',
        ['listen', `listen hep_udp:127.0.0.1:${port}`],
        ['/dev/log', socket],
      ),
    );
    await until(() => listener.logged().includes('listening on'), `the listener: ${listener.logged()}`);
    await sendSample(port);
    const written = () => (existsSync(output) ? lines(readFileSync(output, 'utf8')) : []);
    await until(() => written().length === SAMPLE_MESSAGES, `all lines: ${daemon.logged()}`, 30_000);
    const methods = written().map((text) => {
      expect(text).toMatch(/^local6\.info sipcap: \{/);
      return (JSON.parse(text.slice(text.indexOf('{'))) as { method: string }).method;
    });
    expect(methods.slice(0, 2)).toEqual(['INVITE', '100']);
    listener.stop();
    await listener.ended;
    daemon.stop();
    await daemon.ended;
  });
});

describe('journald', () => {
  const journald = '/lib/systemd/systemd-journald';
  const why =
    absent('systemd-cat', 'journalctl', 'jq', 'unshare') ||
    (existsSync(journald) ? '' : 'needs systemd-journald') ||
    (spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'tmpfs', '/run']).status === 0 ? '' : 'needs the right to mount');

  testWhere(why)('messages are entries of priority info, and what sipcap logs are warnings', async () => {
    const port = await freePort();
    const listen = line('systemd-cat -t sipcap --stderr-priority=warning sipcap hep listen --format json -q', [
      'listen',
      `listen hep_udp:127.0.0.1:${port} -c ${SAMPLE_MESSAGES}`,
    ]);
    const read = line(`journalctl -t sipcap -p info..info -o cat -f | jq -r 'select(.method == "INVITE") | .callid'`, [' -f', '']);
    // A journal of its own, on a /run that nobody else sees.
    const journal = shell(`exec unshare -m sh -c '
      mount -t tmpfs tmpfs /run && mkdir -p /run/systemd/journal /run/log/journal
      ${journald} & journald=$!
      until [ -S /run/systemd/journal/stdout ]; do sleep 0.1; done
      ${listen} & listener=$!
      until ss -Huln "sport = :${port}" | grep -q .; do sleep 0.1; done
      echo listening >&2
      wait $listener
      journalctl --sync
      journalctl() { command journalctl -D /run/log/journal "$@"; }
      ${read.replaceAll("'", `'\\''`)}
      journalctl -t sipcap -p warning -o cat
      kill $journald'`);
    await until(() => journal.logged().includes('listening'), `the listener: ${journal.logged()}`);
    await sendSample(port);
    expect(await journal.ended).toBe(0);
    const shown = lines(journal.shown());
    expect(shown.slice(0, 2)).toEqual(['c1f0@192.0.2.10', 'b486@192.0.2.10']);
    expect(shown.at(-1)).toContain('listening on hep_udp:127.0.0.1');
  });
});

test('what nobody has tried is marked, and nothing else', () => {
  const sections = recipes.split(/^## /m).slice(1);
  const marked = sections.filter((section) => section.includes('**Not tried.**')).map((section) => section.split('\n')[0]);
  expect(marked).toEqual(['Vector', 'Fluent Bit', 'Loki']);
  const tried = sections.filter((section) => section.includes('*Tried*')).map((section) => section.split('\n')[0]);
  expect(tried).toEqual(['Wireshark live', 'An interface of Wireshark', 'rsyslog', 'journald', 'A mirror port to HEP']);
});
