/** Reloads with a backlog in spools: the backlog of a closed output counts for its successor, and is stored or sent once. */
import { createSocket } from 'node:dgram';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { hep3, sipMessages } from '../../bench/corpus.mjs';
import { count } from '../rigs/database.js';
import { freePort } from '../rigs/free-port.js';
import { killAll, start, summary, temporaryFolder, until, type Running } from '../rigs/sipcap.js';

const packets = (sipMessages(200) as Buffer[]).map((message, i) => hep3(message, i) as Buffer);
const folder = temporaryFolder();
const at = (name: string) => join(folder.path, name);

afterAll(() => {
  killAll();
  folder.remove();
});

async function send(to: number, some: Buffer[]): Promise<void> {
  const socket = createSocket('udp4');
  for (const packet of some) await new Promise((done) => socket.send(packet, to, '127.0.0.1', done));
  socket.close();
}

async function serve(name: string, text: string): Promise<{ running: Running; reload(changed: string): Promise<void> }> {
  writeFileSync(at(name), text);
  const running = start(['serve', '-c', at(name), '--summary', 'json'], { cwd: folder.path });
  await until(() => running.logged().includes(`serving ${at(name)}`), 'serve', 30_000);
  let reloads = 0;
  const reload = async (changed: string) => {
    writeFileSync(at(name), changed);
    running.child.kill('SIGHUP');
    reloads++;
    await until(() => running.logged().split('configuration reloaded').length > reloads, `reload: ${running.logged()}`, 30_000);
  };
  return { running, reload };
}

type Sums = ReturnType<typeof summary> & { sinks: { before?: number; transferred?: number }[]; frames: { undecoded: number } };

async function stop(running: Running): Promise<{ code: number | null; all: Sums }> {
  running.child.kill('SIGTERM');
  const ended = await running.ended;
  const line = ended.stderr.split('\n').findLast((text) => text.startsWith('{"inputs"'))!;
  return { code: ended.code, all: JSON.parse(line) as Sums };
}

const replaced = 'a dead database replaced by a working one with the same spool: all is stored, the summary reconciles, exit code 0';
test.each(['10s', '0'])(
  `${replaced}; drain_deadline %s`,
  async (deadline) => {
    const [hep, dead, metrics] = [await freePort(), await freePort(), await freePort()];
    const [spool, good] = [at(`spool-${deadline}`), at(`good-${deadline}.db`)];
    const text = (url: string) =>
      `socket: [hep_udp:127.0.0.1:${hep}]\ndb_url: ${url}\nspool: {directory: ${spool}}\ndrain_deadline: ${deadline}\nmetrics: {listen: 127.0.0.1:${metrics}}\n`;
    const { running, reload } = await serve(`database-${deadline}.yaml`, text(`mysql://root@127.0.0.1:${dead}/x`));
    await send(hep, packets.slice(0, 100));
    await until(() => running.logged().includes('spooling rows'), 'the spool', 30_000);
    // A second dead one takes the spool over, and leaves it to a third.
    await reload(text(`mysql://root@127.0.0.1:${dead}/y`));
    await send(hep, packets.slice(100));
    await reload(text(`sqlite:${good}`));
    for (let waited = 0; (await count(good).catch(() => 0)) < 200 && waited < 300; waited++)
      await new Promise((done) => setTimeout(done, 50));
    const exposed = await (await fetch(`http://127.0.0.1:${metrics}/metrics`)).text();
    expect(exposed).toContain('sipcap_output_delivered_total{output="database"} 200\n');
    const { code, all } = await stop(running);
    expect(await count(good)).toBe(200);
    expect([all.accounting_errors, all.frames.received, all.frames.undecoded, all.messages.found]).toEqual([[], 200, 0, 200]);
    for (const { waiting, lost } of all.sinks) expect([waiting, lost]).toEqual([0, 0]);
    const sum = (key: 'delivered' | 'written') => all.sinks.reduce((total, sink) => total + sink[key], 0);
    expect([sum('delivered'), sum('written'), code]).toEqual([200, 200, 0]);
  },
  90_000,
);

test('without a successor the backlog stays with the closed output: exit code 4', async () => {
  const [hep, dead] = [await freePort(), await freePort()];
  const text = (url: string, spool: string) => `socket: [hep_udp:127.0.0.1:${hep}]\ndb_url: ${url}\nspool: {directory: ${at(spool)}}\n`;
  const { running, reload } = await serve('left.yaml', text(`mysql://root@127.0.0.1:${dead}/x`, 'left'));
  await send(hep, packets.slice(0, 100));
  await until(() => running.logged().includes('spooling rows'), 'the spool', 30_000);
  await reload(text(`sqlite:${at('left.db')}`, 'other'));
  const { code, all } = await stop(running);
  const kept = all.sinks.reduce((sum, { waiting }) => sum + waiting, 0) + all.frames.undecoded;
  expect([all.accounting_errors, kept, code]).toEqual([[], 100, 4]);
}, 90_000);

test('two databases: the log says which one; a spool that is not a folder is refused by its name', async () => {
  const [hep, dead] = [await freePort(), await freePort()];
  const text = (spool: string) =>
    `socket: [hep_udp:127.0.0.1:${hep}]\ndatabases: [{db_url: "mysql://root@127.0.0.1:${dead}/x"}, {db_url: "postgres://root@127.0.0.1:${dead}/x"}]\nspool: {directory: ${spool}}\n`;
  const { running } = await serve('two.yaml', text(at('two')));
  await send(hep, packets.slice(0, 20));
  for (const name of ['database', 'database 2'])
    await until(() => running.logged().includes(`"${name}: database unavailable`), `${name}: ${running.logged()}`, 30_000);
  writeFileSync(at('file'), '');
  writeFileSync(at('two.yaml'), text(at('file')));
  running.child.kill('SIGHUP');
  await until(() => running.logged().includes('keeping the previous one'), 'the refusal', 30_000);
  expect(running.logged()).toContain(
    `cannot apply configuration: ${at('file')}: a part of the path is not a folder; keeping the previous one`,
  );
  const { code, all } = await stop(running);
  expect([code, all.accounting_errors]).toEqual([4, []]);
}, 90_000);

test('the files of a spool are removed between two reloads: the loss is counted, and nothing waits', async () => {
  const [hep, dead] = [await freePort(), await freePort()];
  const text = (url: string) => `socket: [hep_udp:127.0.0.1:${hep}]\ndb_url: ${url}\nspool: {directory: ${at('gone')}}\n`;
  const { running, reload } = await serve('gone.yaml', text(`mysql://root@127.0.0.1:${dead}/x`));
  await send(hep, packets.slice(0, 100));
  await until(() => running.logged().includes('spooling rows'), 'the spool', 30_000);
  await reload(text(`sqlite:${at('between.db')}`).replace(at('gone'), at('elsewhere')));
  await until(() => running.logged().includes('remain in the spool'), 'the end of the first', 30_000);
  for (const name of readdirSync(at('gone/database'))) if (name.endsWith('.spool')) rmSync(at(`gone/database/${name}`));
  await reload(text(`sqlite:${at('gone.db')}`));
  const { code, all } = await stop(running);
  const sum = (key: 'waiting' | 'lost') => all.sinks.reduce((total, sink) => total + sink[key], 0);
  const dropped = all.frames as unknown as { dropped: { spool_missing?: number } };
  expect([all.accounting_errors, sum('waiting'), all.frames.undecoded]).toEqual([[], 0, 0]);
  expect([sum('lost') + (dropped.dropped.spool_missing ?? 0), code]).toEqual([100, 4]);
}, 90_000);
