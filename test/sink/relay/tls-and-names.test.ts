/** TLS targets, and targets by name that move to another address. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RelaySink } from '../../../src/lib/sink/relay/index.js';
import { remove, temporaryDirectory } from '../spool/spool-rig.js';
import { TcpReceiver, UdpReceiver, endpoint, expectLaw, expectOrder, firstSeen, openRelay, packet, range, until } from './relay-rig.js';

let directory: string;
let relay: RelaySink | null = null;
let receiver: TcpReceiver | null = null;
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(async () => {
  await relay?.close();
  await receiver?.stop();
  relay = receiver = null;
  remove(directory);
});

function certificate(): { key: Buffer; cert: Buffer } {
  const key = join(directory, 'key.pem');
  const cert = join(directory, 'cert.pem');
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-days',
      '2',
      '-subj',
      '/CN=localhost',
      '-addext',
      'subjectAltName=IP:127.0.0.1,DNS:localhost',
      '-keyout',
      key,
      '-out',
      cert,
    ],
    { stdio: 'ignore' },
  );
  return { key: readFileSync(key), cert: readFileSync(cert) };
}

function hasOpenssl(): boolean {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    console.warn('skipped: no openssl here');
    return false;
  }
}

test('over TLS nothing is lost when the target is killed and restarted', async () => {
  if (!hasOpenssl()) return;
  const made = certificate();
  receiver = new TcpReceiver(made);
  await receiver.start();
  relay = await openRelay([endpoint('tls', receiver.port)], { tls: { ca: made.cert } });
  for (let i = 0; i < 1000; i++) relay.send(packet(i), '');
  await until('some there', () => receiver!.all.length > 0);
  await receiver.kill();
  for (let i = 1000; i < 2000; i++) relay.send(packet(i), '');
  await receiver.start();
  await until('all there', () => new Set(receiver!.all).size === 2000);
  expectOrder(receiver.connections);
  expect(firstSeen(receiver.all)).toEqual(range(0, 2000));
  expectLaw(relay.counts());
});

test('an untrusted certificate is refused and reported', async () => {
  if (!hasOpenssl()) return;
  receiver = new TcpReceiver(certificate());
  await receiver.start();
  relay = await openRelay([endpoint('tls', receiver.port)]);
  relay.send(packet(1), '');
  await until('it was tried', () => relay!.counts()[0].failures > 0);
  expect(relay.counts()[0]).toMatchObject({ up: false, sent: 0, waiting: 1, lastError: expect.stringMatching(/self.signed/) });
  expect(receiver.all).toEqual([]);
});

test.each(['tcp', 'udp'] as const)('%s: a name that resolves to a new address is followed, with the backlog', async (transport) => {
  const make = (host: string) => (transport === 'tcp' ? new TcpReceiver(null, host) : new UdpReceiver(host));
  const [first, second] = [make('127.0.0.1'), make('127.0.0.2')];
  await first.start(0);
  let address = '127.0.0.1';
  relay = await openRelay([{ transport, host: 'collector.test', port: first.port }], {
    findAddresses: (_, __, found) => found(null, [{ address, family: 4 }]),
  });
  for (let i = 0; i < 100; i++) relay.send(packet(i), '');
  await until('first address', () => first.all.length === 100);
  await first.stop();
  relay.send(packet(100), '');
  await until('away', () => relay!.counts()[0].failures > 0);
  for (let i = 101; i < 200; i++) relay.send(packet(i), '');
  address = '127.0.0.2';
  await second.start(first.port);
  // the one packet that brought the bad news may be gone on UDP
  await until('second address', () => new Set(second.all).size >= 99);
  expect(new Set([...first.all, ...second.all, 100]).size).toBe(200);
  expectLaw(relay.counts());
  await second.stop();
});
