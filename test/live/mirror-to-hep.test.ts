/** The sample of a capture agent (mirror port to HEP) and its unit: both are valid, fit each other, and do what they are for. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { settingsFromText } from '../../src/lib/config/index.js';
import * as make from '../rigs/frames.js';
import { VethPair, whyNot } from '../rigs/namespaces.js';
import { plainRequest } from '../rigs/sip.js';
import { root, sipcap, until } from '../rigs/sipcap.js';

const sample = join(root, 'samples/mirror-to-hep.yaml');
const text = readFileSync(sample, 'utf8');
/** With all suggested settings but those of TLS. A comment in prose has a blank after its mark. */
const everything = text
  .replace(/^ *#ca: .*\n/m, '')
  .replace(/^( *)#(?=[a-z])/gm, '$1')
  .replace(/^#(?= {2})/gm, '');
const unitFile = join(root, 'samples/sipcap-mirror.service');
const setting = (unit: string, name: string) => [...unit.matchAll(new RegExp(`^${name}=(.*)$`, 'gm'))].map(([, value]) => value);
const reason = whyNot();

describe('the configuration', () => {
  test('is valid as it is, and with everything that it suggests', async () => {
    expect(await sipcap(['config', 'check', sample])).toMatchObject({ code: 0, stdout: `${sample}: OK\n`, stderr: '' });
    const { report, settings } = settingsFromText(everything, { file: sample, environment: {}, flags: [] });
    expect(report).toBe('');
    expect(settings).toMatchObject({ live: [{ rtp: true }], metrics: { port: 9464 } });
    expect(everything).toMatch(/^ {2}onreply_route \{\n {4}if \(is_method\("OPTIONS"\)\) drop;$/m);
  });
});

describe('the unit', () => {
  const unit = readFileSync(unitFile, 'utf8');
  const absent = spawnSync('systemd-analyze', ['--version']).error !== undefined ? ' (needs systemd-analyze)' : '';

  test('lets the node write where the configuration wants to, and is as confined as that of serve.yaml', () => {
    const { settings } = settingsFromText(text, { file: sample, environment: {}, flags: [] });
    expect(settings!.relay.spool).toBe(`/var/lib/${setting(unit, 'StateDirectory')[0]}/spool`);
    expect(settings!.mi.fifo).toBe(`/run/${setting(unit, 'RuntimeDirectory')[0]}/fifo`);
    expect(setting(unit, 'ExecStart')).toEqual(['/usr/bin/env sipcap serve -c /etc/sipcap/mirror.yaml']);
    const settingsOf = (file: string) =>
      file.split('\n').filter((line) => /^[A-Z]\w+=/.test(line) && !/^(Description|ExecStart|\w+Directory|ReadWritePaths)=/.test(line));
    expect(settingsOf(unit)).toEqual(settingsOf(readFileSync(join(root, 'samples/sipcap.service'), 'utf8')));
  });

  (absent === '' ? test : test.skip)(`systemd-analyze verify and security${absent}`, () => {
    const analyze = (...args: string[]) => spawnSync('systemd-analyze', [...args, unitFile], { encoding: 'utf8' });
    expect(analyze('verify', '--man=no', '--recursive-errors=no')).toMatchObject({ status: 0, stderr: '' });
    expect(analyze('security', '--offline=true', '--threshold=25')).toMatchObject({ status: 0 });
  });
});

(reason === '' ? describe : describe.skip)(`a mirror port to HEP${reason === '' ? '' : ` (${reason})`}`, () => {
  let pair: VethPair;
  beforeAll(() => {
    pair = new VethPair();
  });
  afterAll(() => pair.remove());

  /** The sample with this machine's interface, server and folders. */
  const adapted = (content: string, changes: [string, string][]) =>
    changes.reduce((sofar, [old, now]) => {
      expect(sofar).toContain(old);
      return sofar.replaceAll(old, now);
    }, content);

  test('messages arrive; while the server is away they wait; with the suggested route OPTIONS stay out', async () => {
    const receive = async () => {
      const receiver = pair.sipcap('hep', 'listen', 'hep_tcp:127.0.0.1:9060', '--format', 'json', '-q');
      await until(() => receiver.logged().includes('listening on'), receiver.logged());
      return receiver;
    };
    const changes: [string, string][] = [
      ['eth1', pair.near],
      ['homer.example.net', '127.0.0.1'],
      ['/var/lib/sipcap-mirror/spool', pair.path('spool')],
      ['/run/sipcap-mirror/fifo', pair.path('fifo')],
    ];
    const file = pair.path('mirror.yaml');
    writeFileSync(file, adapted(text, changes));
    const receiver = await receive();
    const agent = pair.sipcap('serve', '-c', file, '--summary', 'json');
    await until(() => agent.logged().includes('capturing on') && agent.logged().includes('serving'), agent.logged());
    const send = (method: string, callId: string) =>
      pair.send([
        make.ethernet(make.ETHER_IPV4, make.udpPacket({}, Buffer.from(String(plainRequest(method)).replace('plain-1@a.example', callId)))),
      ]);
    const received = (shown: string) =>
      shown
        .split('\n')
        .filter(Boolean)
        .map((line) => {
          const { method, callid } = JSON.parse(line) as { method: string; callid: string };
          return `${method} ${callid}`;
        });
    send('OPTIONS', 'first');
    send('MESSAGE', 'second');
    await until(() => receiver.shown().split('\n').length > 2, `two messages: ${agent.logged()}`);
    receiver.child.kill('SIGTERM');
    expect(received((await receiver.ended).stdout)).toEqual(['OPTIONS first', 'MESSAGE second']);
    // What is written to a connection before its end is seen is lost: HEP has no acknowledgements.
    const connections = ['netns', 'exec', pair.near, 'ss', '-Htn', 'state', 'established', 'state', 'close-wait', 'dport', '=', ':9060'];
    await until(() => spawnSync('ip', connections, { encoding: 'utf8' }).stdout === '', 'the end of the connection');

    send('MESSAGE', 'third');
    const again = await receive();
    await until(() => again.shown().includes('third'), `the message that waited: ${agent.logged()}`);
    writeFileSync(file, adapted(everything.replace(/^metrics:\n.*\n/m, ''), changes));
    agent.child.kill('SIGHUP');
    await until(() => agent.logged().includes('configuration reloaded'), 'the reload');
    send('OPTIONS', 'fourth');
    send('MESSAGE', 'fifth');
    await until(() => again.shown().includes('fifth'), `the fifth: ${agent.logged()}`);
    again.child.kill('SIGTERM');
    expect(received((await again.ended).stdout)).toEqual(['MESSAGE third', 'MESSAGE fifth']);
    agent.child.kill('SIGTERM');
    const ended = await agent.ended;
    expect(ended.stderr).toMatch(/"accounting_errors":\[\]/);
  }, 90_000);
});
