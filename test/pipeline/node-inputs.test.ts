/** Inputs of a node that is stopped at an awkward time: before it reads, and in the middle of a reload. */
import { createServer } from 'node:net';
import { expect, test } from '@jest/globals';
import { processEnvironment } from '../../src/lib/base/environment.js';
import { silentLog } from '../../src/lib/base/index.js';
import { NodeInputs } from '../../src/lib/node/inputs.js';
import type { SourceIntake } from '../../src/lib/pipeline/source.js';
import { settingsIn } from '../config/load.js';
import { freePort } from '../rigs/free-port.js';

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

test('stopped before it reads: it ends, and nothing stays open', async () => {
  const port = await freePort();
  const inputs = new NodeInputs(settings(port), env, () => {});
  await inputs.open();
  await inputs.stop();
  await inputs.read(intake);
  expect(await isFree(port)).toBe(true);
});

test('stopped in the middle of a reload: what the reload opened is closed, not started', async () => {
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
