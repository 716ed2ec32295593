/** Inputs of a node that is stopped or reloaded at an awkward time. */
import { writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { processEnvironment } from '../../src/lib/base/environment.js';
import { Ledger, silentLog } from '../../src/lib/base/index.js';
import { NodeInputs } from '../../src/lib/node/inputs.js';
import type { SourceIntake } from '../../src/lib/pipeline/source.js';
import { certificate } from '../capture/hep/rig.js';
import { settingsIn } from '../config/load.js';
import { freePort } from '../rigs/free-port.js';
import { temporaryFolder } from '../rigs/sipcap.js';

const env = { ...processEnvironment(), log: silentLog };
const intake = { ready: () => Promise.resolve() } as SourceIntake;
const settings = (...ports: number[]) =>
  settingsIn('node.yaml', `socket: [${ports.map((port) => `hep_tcp:127.0.0.1:${port}`).join(', ')}]\ndb_url: sqlite:/nowhere.db\n`);

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const free = await new Promise<boolean>((done) => server.on('error', () => done(false)).listen(port, '127.0.0.1', () => done(true)));
  if (free) await new Promise((done) => server.close(done));
  return free;
}

test('stopped before reading: it ends, and nothing stays open', async () => {
  const port = await freePort();
  const inputs = new NodeInputs(settings(port), env, () => {});
  await inputs.open();
  await inputs.stop();
  await inputs.read(intake);
  expect(await isFree(port)).toBe(true);
});

test('stopped during a reload: what the reload opened is closed, not started', async () => {
  const [first, second] = [await freePort(), await freePort()];
  const inputs = new NodeInputs(settings(first), env, () => {});
  await inputs.open();
  const reading = inputs.read(intake);
  const prepared = await inputs.prepare(settings(first, second));
  await inputs.stop();
  await reading;
  await prepared.commit();
  expect([await isFree(first), await isFree(second), inputs.inputs().length]).toEqual([true, true, 1]);
});

test('a reload with an unusable certificate fails before anything has changed', async () => {
  const folder = temporaryFolder();
  const at = (name: string) => join(folder.path, name);
  const { cert, key } = certificate('127.0.0.1')!;
  writeFileSync(at('good.pem'), cert);
  writeFileSync(at('key.pem'), key);
  writeFileSync(at('bad.pem'), 'no certificate\n');
  const port = await freePort();
  const text = (pem: string) =>
    `socket: [hep_tls:127.0.0.1:${port}]\ntls: {certificate: ${at(pem)}, key: ${at('key.pem')}}\ndb_url: sqlite:/nowhere.db\n`;
  const inputs = new NodeInputs(settingsIn('node.yaml', text('good.pem')), env, () => {});
  await inputs.open();
  const reading = inputs.read(intake);
  await expect(inputs.prepare(settingsIn('node.yaml', text('bad.pem')))).rejects.toThrow('cannot use the TLS certificate or key');
  expect(await isFree(port)).toBe(false);
  await inputs.stop();
  await reading;
  folder.remove();
});

test('changed limits apply to listeners that stay open', async () => {
  const port = await freePort();
  const text = (limits: string) => `socket: [hep_tcp:127.0.0.1:${port}]\nlimits: {${limits}}\ndb_url: sqlite:/nowhere.db\n`;
  const inputs = new NodeInputs(settingsIn('node.yaml', text('peer_connections: 1')), env, () => {});
  await inputs.open();
  const reading = inputs.read(intake);
  const sockets: Socket[] = [];
  const connected = async () => {
    const socket = connect(port, '127.0.0.1');
    sockets.push(socket);
    socket.on('error', () => {});
    await new Promise((done) => socket.on('connect', done).on('close', done));
    // A whole header, so that it is not the first to go.
    socket.write(Buffer.from('HEP3\0\x40', 'latin1'));
    return socket;
  };
  const [first, second] = [await connected(), await connected()];
  // Which of them goes depends on whose header came first.
  await Promise.race([first, second].map((socket) => new Promise((done) => socket.on('close', done))));
  await (await inputs.prepare(settingsIn('node.yaml', text('peer_connections: 8, connections: 9, header_timeout: 0')))).commit();
  for (let i = 0; i < 4; i++) await connected();
  const ledger = new Ledger();
  await inputs.updateLosses(ledger);
  expect(ledger.notes.get('refused_peer_connections') + ledger.notes.get('evicted_connections')).toBe(1);
  for (const socket of sockets) socket.destroy();
  await inputs.stop();
  await reading;
});
