/** HEP sent by captures, and access control of a listener: keys, allow lists, certificates. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { hep3, sipMessages } from '../../bench/corpus.mjs';
import { count, query } from '../rigs/database.js';
import { closeReceivers, portOf, sendUdp } from '../rigs/hep-receivers.js';
import { killAll, root, sipcap, start, summary, temporaryFolder, until } from '../rigs/sipcap.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
const packets = (sipMessages(3000) as Buffer[]).map((message, i) => hep3(message, i) as Buffer);

afterAll(() => {
  killAll();
  closeReceivers();
  folder.remove();
});

describe('HEP from captures', () => {
  test.each(['1', '2', '3'])(
    '--hep with version %s delivers the same messages to a listener',
    async (version) => {
      const database = at(`hep${version}.db`);
      const listener = start(['hep', 'listen', 'hep_udp:127.0.0.1:0', '--db', `sqlite:${database}`, '-q']);
      const port = await portOf(listener);
      const ended = await sipcap([
        'capture',
        'mirror',
        '-r',
        join(root, 'samples/sample.pcap'),
        '--hep',
        `hep_udp:127.0.0.1:${port}`,
        '--hep-version',
        version,
        '--hep-id',
        '2001',
        '--summary',
        'json',
      ]);
      expect([ended.code, summary(ended).accounting_errors]).toEqual([0, []]);
      await new Promise((resume) => setTimeout(resume, 800));
      listener.child.kill('SIGTERM');
      await listener.ended;
      const direct = at(`direct${version}.db`);
      await sipcap(['capture', 'mirror', '-r', join(root, 'samples/sample.pcap'), '--db', `sqlite:${direct}`, '-q']);
      const columns = `msg, source_ip, source_port, destination_ip, destination_port, family, callid, method${version === '1' ? '' : ', micro_ts'}`;
      const rows = (path: string) => query(path, `SELECT ${columns} FROM sip_capture ORDER BY callid, via_1_branch, method, source_ip`);
      expect(await rows(database)).toEqual(await rows(direct));
      const [{ node }] = await query<{ node: string }>(database, 'SELECT DISTINCT node FROM sip_capture');
      expect(node).toBe(version === '1' ? 'homer01' : 'homer01:2001');
    },
    30_000,
  );
});

describe('access control', () => {
  test('--auth-key: packets without the key are refused and counted', async () => {
    const listener = start(['hep', 'listen', 'hep_udp:127.0.0.1:0', '--auth-key', 'secret', '--format', 'json', '--summary', 'json']);
    const port = await portOf(listener);
    await sendUdp(port, [packets[0]]);
    await sipcap([
      'capture',
      'mirror',
      '-r',
      join(root, 'samples/sample.pcap'),
      '-c',
      '1',
      '--hep',
      `hep_udp:127.0.0.1:${port}`,
      '--hep-key',
      'secret',
      '-q',
    ]);
    await until(() => listener.shown().includes('c1f0'), 'the message with the key');
    listener.child.kill('SIGTERM');
    const ended = await listener.ended;
    expect(summary(ended).messages).toMatchObject({ found: 2, rejected: { bad_auth_key: 1 }, delivered: 1 });
    expect(ended.stderr).not.toContain('secret');
  });

  test('--allow: other networks are refused, UDP and TCP', async () => {
    const listener = start(['hep', 'listen', 'hep_tcp:127.0.0.1:0', '--allow', '10.0.0.0/8', '--summary', 'json']);
    const port = await portOf(listener);
    await new Promise<void>((done) => {
      const socket = connect(port, '127.0.0.1', () => socket.write(packets[0]));
      socket.on('error', () => {}).on('close', () => done());
    });
    listener.child.kill('SIGTERM');
    const ended = await listener.ended;
    expect(summary(ended).messages.found).toBe(0);
    expect(Object.keys(summary(ended).notes).join()).toMatch(/not_allowed/);
  });

  const withOpenssl = spawnSync('openssl', ['version']).status === 0 ? test : test.skip;
  withOpenssl(
    'TLS with certificates on both sides; reload at SIGHUP',
    async () => {
      const openssl = (...args: string[]) =>
        expect(spawnSync('openssl', args, { cwd: folder.path, encoding: 'utf8' })).toMatchObject({ status: 0 });
      openssl(
        'req',
        '-x509',
        '-newkey',
        'rsa:2048',
        '-nodes',
        '-keyout',
        'node.key',
        '-out',
        'node.crt',
        '-days',
        '2',
        '-subj',
        '/CN=localhost',
        '-addext',
        'subjectAltName=DNS:localhost,IP:127.0.0.1',
      );
      const listener = start([
        'hep',
        'listen',
        'hep_tls:127.0.0.1:0',
        '--tls-cert',
        at('node.crt'),
        '--tls-key',
        at('node.key'),
        '--tls-client-ca',
        at('node.crt'),
        '--db',
        `sqlite:${at('tls.db')}`,
        '--summary',
        'json',
      ]);
      const port = await portOf(listener);
      writeFileSync(at('ten.hep'), Buffer.concat(packets.slice(0, 10)));
      const relay = (...more: string[]) =>
        sipcap([
          'hep',
          'relay',
          '--from',
          at('ten.hep'),
          '--to',
          `hep_tls:127.0.0.1:${port}`,
          '--target-ca',
          at('node.crt'),
          '--spool',
          at('spool-tls'),
          '-q',
          ...more,
        ]);
      expect((await relay()).code).toBe(4);
      listener.child.kill('SIGHUP');
      await until(() => listener.logged().includes('certificates reloaded'), 'the reload');
      expect(await relay('--target-cert', at('node.crt'), '--target-key', at('node.key'))).toMatchObject({ code: 0 });
      await new Promise((resume) => setTimeout(resume, 500));
      listener.child.kill('SIGTERM');
      const ended = await listener.ended;
      expect(summary(ended).accounting_errors).toEqual([]);
      // The first run's packets waited in the spool for the second.
      expect(await count(at('tls.db'))).toBe(20);
      expect(readFileSync(at('node.key'), 'utf8')).toContain('PRIVATE KEY');
    },
    60_000,
  );
});
