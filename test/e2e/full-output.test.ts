/** Standard output and files on a full disk: one line, exit code 4, and the other outputs go on. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, test } from '@jest/globals';
import { hep3, pcapFile, sipMessages } from '../../bench/corpus.mjs';
import { count } from '../rigs/database.js';
import { environment, root, sipcap, summary, temporaryFolder } from '../rigs/sipcap.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
const messages = sipMessages(700) as Buffer[];
writeFileSync(at('calls.pcap'), pcapFile(messages) as Buffer);
writeFileSync(at('packets.hep'), Buffer.concat(messages.map((message, i) => hep3(message, i) as Buffer)));

afterAll(() => folder.remove());

/** With a standard output that takes nothing. */
async function full(args: string[]) {
  const output = openSync('/dev/full', 'w');
  const child = spawn(process.execPath, [join(root, 'bin/run.js'), ...args], {
    stdio: ['ignore', output, 'pipe'],
    env: { ...environment, SIPCAP_CONFIG: '' },
  });
  closeSync(output);
  let stderr = '';
  child.stderr!.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number];
  return { code, stderr, stdout: '', signal: null };
}

describe('standard output', () => {
  test.each([
    'capture mirror -r calls.pcap',
    'capture mirror -r calls.pcap -q --format json',
    'capture mirror -r calls.pcap -q -w -',
    'call list -r calls.pcap',
    'call list -r calls.pcap --format json',
    'call show --latest -r calls.pcap',
    'call stats -r calls.pcap',
    'call export --since 2000-01-01 -r calls.pcap --format json -w -',
    'call export --since 2000-01-01 -r calls.pcap --format hep -w -',
    'call export --since 2000-01-01 -r calls.pcap -w -',
    'hep edit packets.hep --get 1',
    'hep chunks',
    'report types',
    '--version',
  ])('%s', async (line) => {
    const ended = await full(line.replaceAll(/\b(calls\.pcap|packets\.hep)\b/g, (name) => at(name)).split(' '));
    expect(ended).toMatchObject({ code: 4, stderr: expect.stringMatching(/ENOSPC/) });
    expect(ended.stderr).not.toMatch(/^ {4}at /m);
  });

  test('the database gets everything', async () => {
    const ended = await full([
      'capture',
      'mirror',
      '-r',
      at('calls.pcap'),
      '--db',
      `sqlite:${at('a.db')}`,
      '--format',
      'text',
      '--summary',
      'json',
    ]);
    const { sinks, accounting_errors: errors } = summary(ended);
    expect([ended.code, errors, await count(at('a.db'))]).toEqual([4, [], 700]);
    expect(sinks.map(({ delivered, written, lost }) => [delivered, written, lost])).toEqual(
      expect.arrayContaining([
        [700, 700, 0],
        [700, 0, 700],
      ]),
    );
  });
});

test('help on a full disk is one line, too', async () => {
  const ended = await full(['hep', 'edit', '--help']);
  expect(ended).toMatchObject({ code: 4, stderr: expect.stringMatching(/^sipcap: cannot write on standard output: ENOSPC[^\n]*\n$/) });
});

describe('a log that nobody can write or read', () => {
  test('a listener goes on, and stores what comes', async () => {
    const log = openSync('/dev/full', 'w');
    const child = spawn(
      process.execPath,
      [join(root, 'bin/run.js'), 'hep', 'listen', 'hep_udp:127.0.0.1:29431', '--db', `sqlite:${at('log.db')}`, '-c', '700'],
      { stdio: ['ignore', 'ignore', log], env: { ...environment, SIPCAP_CONFIG: '' } },
    );
    closeSync(log);
    const ended = once(child, 'close');
    const sent = async () => {
      await sipcap(['capture', 'mirror', '-r', at('calls.pcap'), '-q', '--hep', 'hep_udp:127.0.0.1:29431']);
      return child.exitCode !== null || (await Promise.race([ended.then(() => true), sleep(300).then(() => false)]));
    };
    let rounds = 0;
    while (!(await sent()) && ++rounds < 20) child.kill('SIGUSR1');
    expect([(await ended)[0], await count(at('log.db'))]).toEqual([0, 700]);
  });
});

describe('a file', () => {
  test.each(['out.pcap', 'out.json', 'out.hep', 'out.txt'])('%s on a full disk', async (name) => {
    symlinkSync('/dev/full', at(name));
    const exported = await sipcap(['call', 'export', '--since', '2000-01-01', '-r', at('calls.pcap'), '-w', at(name)]);
    expect(exported).toMatchObject({ code: 4, stderr: expect.stringMatching(/ENOSPC[^\n]*messages are lost/) });
    expect(exported.stderr).not.toMatch(/^ {4}at /m);
  });

  test.each(['text', 'json', 'hep', 'pcap'])('a single call as %s: the error comes with the end', async (format) => {
    const exported = await sipcap(['call', 'export', '--latest', '-r', at('calls.pcap'), '-w', '/dev/full', '--format', format]);
    expect(exported).toMatchObject({ code: 4, stderr: expect.stringMatching(/ENOSPC[^\n]*messages are lost/) });
  });

  test('the frames of a capture', async () => {
    const { code, stderr } = await sipcap(['capture', 'mirror', '-r', at('calls.pcap'), '-q', '-w', '/dev/full']);
    expect([code, stderr]).toEqual([4, expect.stringMatching(/^sipcap: \/dev\/full: ENOSPC[^\n]*messages are lost\n$/)]);
  });
});
