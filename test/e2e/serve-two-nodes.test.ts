/** `serve`: two nodes under traffic, with the switch, a reload, a database killed and SIGTERM in the middle. */
import { execFileSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { existsSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, test } from '@jest/globals';
import { freePort } from '../rigs/free-port.js';
import { hep3, sipMessages } from '../../bench/corpus.mjs';
import { makeServer, query, serversInstalled, type PrivateServer } from '../rigs/private-server.js';
import { count, query as ask } from '../rigs/database.js';
import { marked, sendUdp, serveIn, stop } from '../rigs/serving.js';
import { killAll, root, sipcap, temporaryFolder } from '../rigs/sipcap.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);
const packets = (sipMessages(6000) as Buffer[]).map((message, i) => hep3(marked(message, `number ${i}`), i) as Buffer);
const serve = (name: string, text: string) => serveIn(folder.path, name, text);
const servers: PrivateServer[] = [];

afterAll(async () => {
  killAll();
  for (const server of servers) await server.remove();
  folder.remove();
});

function sendStream(
  socket: { on(event: string, listener: (...values: never[]) => void): unknown; end(bytes: Buffer): unknown },
  bytes: Buffer,
): Promise<void> {
  return new Promise((done, fail) => {
    socket.on('error', fail as never);
    socket.on('close', () => done());
    socket.end(bytes);
  });
}

const canCapture = process.getuid?.() === 0 && existsSync(join(root, 'node_modules/pcap'));

(serversInstalled().length === 2 ? test : test.skip)(
  'two nodes: a mirror port and HEP by UDP, TCP and TLS, a script that edits and relays, MariaDB and PostgreSQL, the switch, a reload, a database killed; the sums of both hold',
  async () => {
    for (const kind of ['mysql', 'postgresql'] as const) servers.push(await makeServer(kind));
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'rsa:2048',
        '-nodes',
        '-keyout',
        at('key.pem'),
        '-out',
        at('cert.pem'),
        '-days',
        '2',
        '-subj',
        '/CN=127.0.0.1',
        '-addext',
        'subjectAltName=IP:127.0.0.1',
      ],
      { stdio: 'ignore' },
    );
    const [udp, tcp, tls, second, http, sip] = [
      await freePort(),
      await freePort(),
      await freePort(),
      await freePort(),
      await freePort(),
      await freePort(),
    ];
    const far = await serve('far.yaml', `socket: [hep_tcp:127.0.0.1:${second}]\ndb_url: sqlite:far.db\n`);
    const text = [
      `socket: [hep_udp:127.0.0.1:${udp}, hep_tcp:127.0.0.1:${tcp}, hep_tls:127.0.0.1:${tls}]`,
      ...(canCapture ? [`live: {interfaces: [lo], ports: "${sip}"}`] : []),
      'tls: {certificate: cert.pem, key: key.pem}',
      `db_url: ${servers[0].url}`,
      `databases: [{db_url: "${servers[1].url}"}]`,
      'spool: {directory: spool}',
      'drain_deadline: 20s',
      `mi: {http: "127.0.0.1:${http}"}`,
      'hep_route: first',
      'route: |',
      '  route[first] {',
      '    hep_set("captagent_id", "7");',
      `    $du = "sip:127.0.0.1:${second};transport=tcp";`,
      '    if (!hep_relay()) { xlog("Hep proxying failed!\\n"); exit; }',
      '    hep_resume_sip();',
      '  }',
      '  route { sip_capture(); }',
      '  onreply_route { sip_capture(); }',
      '',
    ].join('\n');
    const near = await serve('near.yaml', text);
    const frames = 200;
    const mirrored = async () => {
      const listener = createSocket('udp4');
      await new Promise<void>((done) => listener.bind(sip, '127.0.0.1', done));
      if (canCapture)
        await sendUdp(
          sip,
          (sipMessages(frames) as Buffer[]).map((message, i) => marked(message, `mirrored ${i}`)),
        );
      listener.close();
    };
    const sending = Promise.all([
      sendUdp(udp, packets.slice(0, 2000)),
      sleep(200).then(() => sendStream(connect(tcp, '127.0.0.1'), Buffer.concat(packets.slice(2000, 4000)))),
      sleep(400).then(() =>
        sendStream(connectTls({ port: tls, host: '127.0.0.1', rejectUnauthorized: false }), Buffer.concat(packets.slice(4000))),
      ),
      mirrored(),
    ]);
    await sleep(300);
    await servers[0].kill();
    await sending;
    writeFileSync(at('near.yaml'), text.replace('"7"', '"8"'));
    near.child.kill('SIGHUP');
    await sleep(1500);
    await servers[0].start();
    const mi = (...args: string[]) => sipcap(['mi', ...args, '--http', `http://127.0.0.1:${http}/mi`]);
    expect((await mi('sip_capture', 'off')).stdout).toBe('OK\n');
    await sendUdp(
      udp,
      (sipMessages(100) as Buffer[]).map((message, i) => hep3(marked(message, `while off ${i}`), i) as Buffer),
    );
    await sleep(300);
    expect((await mi('sip_capture', 'on')).stdout).toBe('OK\n');
    const stored = 6000 + (canCapture ? frames : 0);
    const rows = async (url: string) => {
      const [row] = await query(url, 'SELECT count(*) AS n, count(DISTINCT msg) AS d FROM sip_capture').catch(() => [{ n: 0, d: 0 }]);
      return [Number(row.n), Number(row.d)];
    };
    for (
      let tries = 0;
      tries < 150 &&
      ((await rows(servers[0].url))[0] < stored ||
        (await rows(servers[1].url))[0] < stored ||
        (await count(at('far.db')).catch(() => 0)) < 6100);
      tries++
    )
      await sleep(100);
    await sleep(2000);
    const one = await stop(near);
    const two = await stop(far);
    expect(await rows(servers[0].url)).toEqual([stored, stored]);
    expect(await rows(servers[1].url)).toEqual([stored, stored]);
    expect([one.all.accounting_errors, two.all.accounting_errors]).toEqual([[], []]);
    expect(one.all.messages).toMatchObject({ found: stored + 100, rejected: {} });
    for (const sink of one.all.sinks)
      expect({ sink: sink.sink, waiting: sink.waiting, lost: sink.lost, refused: sink.refused }).toEqual({
        sink: sink.sink,
        waiting: 0,
        lost: 0,
        refused: 0,
      });
    const nodes = await ask<{ node: string; n: number }>(
      at('far.db'),
      'SELECT node, count(DISTINCT msg) AS n FROM sip_capture GROUP BY node ORDER BY node',
    );
    // The reload came somewhere in the traffic; what came after it has the other number.
    expect(nodes.map(({ node }) => node)).toEqual(['homer01:7', 'homer01:8']);
    expect(nodes.reduce((sum, { n }) => sum + n, 0)).toBe(6100);
    expect([one.code, two.code]).toEqual([0, 0]);
  },
  120_000,
);
