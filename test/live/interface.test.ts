/** Interfaces that disappear, missing privileges, and processes that must end. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { root, summary, until } from '../rigs/sipcap.js';
import { options } from '../rigs/messages.js';
import * as make from '../rigs/frames.js';
import { VethPair, ip, pause, whyNot } from '../rigs/namespaces.js';

const reason = whyNot();
const NOBODY = 65_534;
const FRAME = make.ethernet(make.ETHER_IPV4, make.ipv4({}, make.udp({}, options('one'))));

(reason === '' ? describe : describe.skip)(`an interface${reason === '' ? '' : ` (${reason})`}`, () => {
  let pair: VethPair;
  beforeAll(() => {
    pair = new VethPair();
  });
  afterAll(() => pair.remove());

  const mirror = (...args: string[]) =>
    pair.sipcap('capture', 'mirror', '-i', pair.near, '--port', '5060', '--summary', 'json', '--format', 'none', ...args);
  const processes = () => spawnSync('ip', ['netns', 'pids', pair.near], { encoding: 'utf8' }).stdout.split('\n').filter(Boolean);

  test('goes down and up, is deleted and recreated: nothing received is lost', async () => {
    const program = mirror();
    const logged = (words: string, times = 1) => until(() => program.logged().split(words).length > times, `'${words}' ${times} times`);
    await logged('capturing on');
    let sent = pair.send([FRAME], { count: 100 });
    ip('-n', pair.near, 'link', 'set', pair.near, 'down');
    await logged('is down: waiting');
    ip('-n', pair.near, 'link', 'set', pair.near, 'up');
    await logged('is back');
    sent += pair.send([FRAME], { count: 100 });
    for (let round = 1; round <= 2; round++) {
      await pause(100);
      ip('-n', pair.near, 'link', 'del', pair.near);
      await logged('is gone: waiting', round);
      pair.link();
      await logged('is back', 1 + round);
      sent += pair.send([FRAME], { count: 100 });
    }
    await pause(200);
    program.child.kill('SIGINT');
    const ended = await program.ended;
    expect(ended.code).toBe(0);
    expect(summary(ended).messages.delivered).toBe(sent);
    expect(summary(ended).accounting_errors).toEqual([]);
    expect(processes()).toEqual([]);
  }, 60_000);

  test('is given up after --give-up: exit code 4', async () => {
    const program = mirror('--give-up', '1s');
    await until(() => program.logged().includes('capturing on'), 'the capture');
    ip('-n', pair.near, 'link', 'set', pair.near, 'down');
    const { code, stderr } = await program.ended;
    ip('-n', pair.near, 'link', 'set', pair.near, 'up');
    expect(code).toBe(4);
    expect(stderr).toContain('given up: down');
  });

  test('is waited for when it is down at the start', async () => {
    ip('-n', pair.near, 'link', 'set', pair.near, 'down');
    const program = mirror();
    await until(() => program.logged().includes('is down: waiting'), 'the word');
    ip('-n', pair.near, 'link', 'set', pair.near, 'up');
    await until(() => program.logged().includes('is back'), 'the other word');
    const sent = pair.send([FRAME], { count: 10 });
    await pause(200);
    program.child.kill('SIGTERM');
    expect(summary(await program.ended).messages.delivered).toBe(sent);
  });

  test('an unknown name and an invalid filter are reported in one line', async () => {
    const missing = await pair.sipcap('capture', 'mirror', '-i', 'nosuch0').ended;
    expect(missing.code).toBe(2);
    expect(missing.stderr).toMatch(/^sipcap: unknown interface 'nosuch0': expected one of .+, any\n$/);
    expect(missing.stderr).toContain(pair.near);
    const wrong = await mirror('-f', 'udp prt 5060').ended;
    expect([wrong.code, wrong.stderr]).toEqual([
      2,
      "sipcap: invalid filter (-f): can't parse filter expression: syntax error; expected tcpdump syntax: udp port 5060\n",
    ]);
  });

  test('a killed capture process is restarted, and that is logged', async () => {
    const program = mirror();
    await until(() => program.logged().includes('capturing on'), 'the capture');
    const captor = processes().find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'latin1').startsWith('sipcap: capture'))!;
    process.kill(Number(captor), 'SIGKILL');
    await until(() => program.logged().includes('is back'), 'another one');
    const sent = pair.send([FRAME], { count: 10 });
    await pause(200);
    program.child.kill('SIGINT');
    expect(summary(await program.ended)).toMatchObject({
      messages: { delivered: sent },
      notes: { capture_process_died: 1 },
      accounting_errors: [],
    });
  });

  test.each(['SIGKILL', 'SIGINT'] as const)('no process stays behind after %s', async (signal) => {
    const program = mirror();
    await until(() => program.logged().includes('capturing on'), 'the capture');
    expect(processes()).toHaveLength(2);
    program.child.kill(signal);
    await program.ended;
    await until(() => processes().length === 0, 'the end of both', 2000);
  });

  test('SIGUSR1 prints the summary and affects neither process', async () => {
    const program = mirror();
    await until(() => program.logged().includes('capturing on'), 'the capture');
    for (const pid of processes()) process.kill(Number(pid), 'SIGUSR1');
    await until(() => program.logged().includes('"interfaces"'), 'the sums');
    expect(program.logged()).not.toContain('Debugger');
    expect(processes()).toHaveLength(2);
    program.child.kill('SIGINT');
    expect((await program.ended).code).toBe(0);
  });

  test('-c ends the capture', async () => {
    const program = mirror('-c', '3');
    await until(() => program.logged().includes('capturing on'), 'the capture');
    pair.send([FRAME], { count: 10 });
    const ended = await program.ended;
    expect(ended.code).toBe(0);
    expect(summary(ended).messages.delivered).toBe(3);
  });

  describe('privileges', () => {
    const without = (capabilities: string, ...args: string[]) =>
      pair.start(
        pair.near,
        'setpriv',
        [
          '--reuid',
          String(NOBODY),
          '--clear-groups',
          `--inh-caps=${capabilities}`,
          ...(capabilities === '-all' ? [] : [`--ambient-caps=${capabilities}`]),
          process.execPath,
          join(root, 'bin/run.js'),
          'capture',
          'mirror',
          '-i',
          pair.near,
          '--format',
          'none',
          ...args,
        ],
        { HOME: '/nonexistent' },
      );

    test('without any, one line names the capability and the commands that grant it', async () => {
      const { code, stderr } = await without('-all').ended;
      expect(code).toBe(2);
      const line = stderr.split('\n').find((text) => text.startsWith('sipcap:'))!;
      for (const word of ['CAP_NET_RAW', 'setcap cap_net_raw', 'AmbientCapabilities', 'sudo']) expect(line).toContain(word);
    });

    test('CAP_NET_RAW alone is enough', async () => {
      const program = without('+net_raw');
      await until(() => program.logged().includes('capturing on'), 'the capture');
      program.child.kill('SIGINT');
      expect((await program.ended).code).toBe(0);
    });

    test('--user: only the capture process stays root, and interfaces still recover', async () => {
      const program = mirror('--user', 'nobody');
      await until(() => program.logged().includes('capturing on'), 'the capture');
      // The processes that look the user up come and go.
      const owner = (pid: string) =>
        existsSync(`/proc/${pid}/status`) ? Number(/^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))![1]) : -1;
      await until(() => processes().map(owner).sort().join() === `0,${NOBODY}`, 'the change of user');
      ip('-n', pair.near, 'link', 'del', pair.near);
      await until(() => program.logged().includes('is gone'), 'the loss');
      pair.link();
      await until(() => program.logged().includes('is back'), 'the return');
      const sent = pair.send([FRAME], { count: 10 });
      await pause(200);
      program.child.kill('SIGINT');
      expect(summary(await program.ended).messages.delivered).toBe(sent);
      await until(() => processes().length === 0, 'the end of both');
    });

    test('--user with an unknown user, or as non-root, is refused', async () => {
      expect((await mirror('--user', 'nosuchuser').ended).stderr).toContain("unknown user 'nosuchuser'");
      expect((await without('+net_raw', '--user', 'nobody').ended).stderr).toContain('requires starting as root');
    });
  });
});
