/** Random kills of our process and of the database, with a spool: what was sent and flushed is stored exactly once. */
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import { hep3, sipMessages } from '../../bench/corpus.mjs';
import { makeServer, query, serversInstalled, type PrivateServer } from '../rigs/private-server.js';
import { seeded } from '../rigs/random.js';
import { portOf } from '../rigs/hep-receivers.js';
import { killAll, sipcap, start, temporaryFolder } from '../rigs/sipcap.js';

const ROUNDS = Number(process.env.SIPCAP_ROUNDS ?? (process.env.SIPCAP_LONG === '1' ? 60 : 4));
const PER_ROUND = 120;
const packets = (sipMessages(ROUNDS * PER_ROUND) as Buffer[]).map((message, i) => hep3(message, i) as Buffer);
const folder = temporaryFolder();
const servers: PrivateServer[] = [];

afterEach(killAll);
afterAll(async () => {
  for (const server of servers) await server.remove();
  folder.remove();
});

function send(port: number, bytes: Buffer): Promise<void> {
  return new Promise((done, fail) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', fail).on('close', () => done());
    socket.end(bytes);
  });
}

describe.each(serversInstalled())('%s', (kind) => {
  test(`${ROUNDS} rounds`, async () => {
    const random = seeded(kind === 'mysql' ? 1 : 2);
    const server = await makeServer(kind);
    servers.push(server);
    const spool = `${folder.path}/${kind}`;
    const listen = () => start(['hep', 'listen', 'hep_tcp:127.0.0.1:0', '--db', server.url, '--spool', spool, '--summary', 'json']);
    let running = listen();
    let isAway = false;
    for (let round = 0; round < ROUNDS; round++) {
      const port = await portOf(running, 'tcp', 30_000);
      const choice = random();
      if (!isAway && choice < 0.35) {
        await server.kill();
        isAway = true;
      } else if (isAway && choice < 0.6) {
        await server.start();
        isAway = false;
      }
      const isFrozen = !isAway && random() < 0.3;
      if (isFrozen) server.freeze();
      await send(port, Buffer.concat(packets.slice(round * PER_ROUND, (round + 1) * PER_ROUND)));
      // Received, in a batch, and past the buffers: from now on a kill must not lose them.
      await sleep(1200 + random() * 400);
      if (random() < 0.6) {
        running.child.kill('SIGKILL');
        await running.ended;
        if (isFrozen) server.thaw();
        running = listen();
      } else if (isFrozen) server.thaw();
    }
    if (isAway) await server.start();
    await portOf(running, 'tcp', 30_000);
    running.child.kill('SIGTERM');
    await running.ended;
    const drained = await sipcap(['db', 'drain', '--db', server.url, '--spool', spool]);
    expect(drained.stdout).toMatch(/ 0 refused, 0 lost, 0 batches left/);
    const [row] = await query(server.url, 'SELECT count(*) AS n, count(DISTINCT msg) AS d FROM sip_capture');
    expect({ all: Number(row.n), distinct: Number(row.d) }).toEqual({ all: ROUNDS * PER_ROUND, distinct: ROUNDS * PER_ROUND });
  }, 600_000);
});
