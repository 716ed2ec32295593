/** Real peers: sngrep sends to and receives from sipcap, Kamailio's sipcapture stores what we send in its MariaDB. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import mysql from 'mysql2/promise';
import { killAll, root, sipcap, start, summary, temporaryFolder, until } from '../rigs/sipcap.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
const sample = join(root, 'samples/sample.pcap');
const has = (program: string) => spawnSync('which', [program]).status === 0;
const peers: ChildProcess[] = [];
const database = process.env.SIPCAP_TEST_MYSQL;

afterAll(() => {
  killAll();
  for (const peer of peers) peer.kill('SIGKILL');
  folder.remove();
});

async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4');
  await new Promise<void>((done) => socket.bind(0, '127.0.0.1', done));
  const { port } = socket.address();
  await new Promise<void>((done) => socket.close(done));
  return port;
}

describe('sngrep', () => {
  const withSngrep = has('sngrep') ? test : test.skip;

  withSngrep(
    'sends HEP to us: every message arrives',
    async () => {
      const listener = start(['hep', 'listen', 'hep_udp:127.0.0.1:0', '--format', 'json', '--summary', 'json']);
      await until(() => /listening on \S+:(\d+),/.test(listener.logged()), 'the listener');
      const port = /listening on \S+:(\d+),/.exec(listener.logged())![1];
      spawnSync('sngrep', ['-N', '-q', '-I', sample, '-H', `udp:127.0.0.1:${port}`], {
        stdio: ['ignore', 'ignore', 'ignore'],
        timeout: 10_000,
        env: { ...process.env, TERM: 'xterm' },
      });
      await until(() => listener.shown().trim().split('\n').length === 22, 'all 22 messages');
      listener.child.kill('SIGTERM');
      const ended = await listener.ended;
      expect(summary(ended).accounting_errors).toEqual([]);
      const direct = await sipcap(['capture', 'mirror', '-r', sample, '--format', 'json', '-q']);
      const messages = (text: string) =>
        text
          .trim()
          .split('\n')
          .map((line) => (JSON.parse(line) as { msg: string }).msg)
          .sort();
      expect(messages(ended.stdout)).toEqual(messages(direct.stdout));
    },
    120_000,
  );

  (has('sngrep') && has('tshark') ? test : test.skip)(
    'takes our HEP and writes the same messages',
    async () => {
      const port = await freeUdpPort();
      const peer = spawn('sngrep', ['-N', '-q', '-L', `udp:127.0.0.1:${port}`, '-O', at('sngrep.pcap')], {
        stdio: ['ignore', 'ignore', 'ignore'],
        env: { ...process.env, TERM: 'xterm' },
      });
      peers.push(peer);
      await new Promise((resume) => setTimeout(resume, 1500));
      expect((await sipcap(['capture', 'mirror', '-r', sample, '--hep', `hep_udp:127.0.0.1:${port}`, '-q'])).code).toBe(0);
      await new Promise((resume) => setTimeout(resume, 1500));
      peer.kill('SIGINT');
      await new Promise((resume) => peer.on('close', resume));
      const read = spawnSync('tshark', ['-r', at('sngrep.pcap'), '-Y', 'sip', '-T', 'fields', '-e', 'sip.Call-ID'], { encoding: 'utf8' });
      expect(read.stdout.trim().split('\n')).toHaveLength(22);
    },
    120_000,
  );
});

describe('Kamailio', () => {
  const withKamailio = has('kamailio') && database !== undefined ? test : test.skip;

  withKamailio(
    'stores our HEP, versions 1, 2 and 3, in its sip_capture',
    async () => {
      const port = await freeUdpPort();
      const url = new URL(database!);
      const connection = await mysql.createConnection(database!);
      await connection.query('CREATE DATABASE IF NOT EXISTS kamailio_capture');
      await connection.query('USE kamailio_capture');
      await connection.query('DROP TABLE IF EXISTS sip_capture');
      url.pathname = '/kamailio_capture';
      expect((await sipcap(['db', 'init', '--db', url.href])).code).toBe(0);
      writeFileSync(at('kamailio.cfg'), kamailioScript(port, url.href));
      const peer = spawn('kamailio', ['-f', at('kamailio.cfg'), '-DD', '-E', '-m', '64', '-M', '8', '-w', folder.path, '-Y', folder.path], {
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      peers.push(peer);
      let logged = '';
      peer.stderr!.on('data', (chunk: Buffer) => (logged += chunk.toString()));
      await new Promise((resume) => setTimeout(resume, 2500));
      for (const version of ['1', '2', '3']) {
        const ended = await sipcap([
          'capture',
          'mirror',
          '-r',
          sample,
          '--hep',
          `hep_udp:127.0.0.1:${port}`,
          '--hep-version',
          version,
          '-q',
        ]);
        expect(ended.code).toBe(0);
      }
      await new Promise((resume) => setTimeout(resume, 2000));
      const [rows] = await connection.query(
        'SELECT callid, method, source_ip, count(*) AS n FROM sip_capture GROUP BY callid, method, source_ip, cseq',
      );
      await connection.query('DROP DATABASE kamailio_capture');
      await connection.end();
      peer.kill('SIGTERM');
      await new Promise((resume) => peer.on('close', resume));
      expect({
        logged: logged
          .split('\n')
          .filter((line) => /ERROR|CRITICAL/.test(line) && !line.includes('insert_retry_timeout'))
          .slice(0, 3),
        stored: (rows as { n: number }[]).reduce((sum, { n }) => sum + n, 0),
      }).toEqual({ logged: [], stored: 66 });
    },
    120_000,
  );
});

function kamailioScript(port: number, url: string): string {
  return `
debug=1
log_stderror=yes
children=2
auto_aliases=no
disable_tcp=yes
listen=udp:127.0.0.1:${port}
mpath="/usr/lib/x86_64-linux-gnu/kamailio/modules/"
loadmodule "pv.so"
loadmodule "db_mysql.so"
loadmodule "sipcapture.so"
modparam("sipcapture", "db_url", "${url}")
modparam("sipcapture", "capture_on", 1)
modparam("sipcapture", "hep_capture_on", 1)
modparam("sipcapture", "table_name", "sip_capture")
modparam("sipcapture", "authorization_column", "auth")
modparam("sipcapture", "correlation_column", "correlation_id")
request_route {
  sip_capture();
  exit;
}
onreply_route {
  sip_capture();
  drop;
}
`;
}
