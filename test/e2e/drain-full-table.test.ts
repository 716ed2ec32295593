/** `db drain` where one table is full: its rows are set aside, the rows behind them are stored. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { hep3, sipMessages } from '../../bench/corpus.mjs';
import { databaseMakers } from '../rigs/databases.js';
import { freePort } from '../rigs/free-port.js';
import { portOf, sendUdp } from '../rigs/hep-receivers.js';
import { killAll, sipcap, start, temporaryFolder } from '../rigs/sipcap.js';

const folder = temporaryFolder();
afterAll(() => {
  killAll();
  folder.remove();
});

const maker = databaseMakers().find(({ kind }) => kind === 'mysql');

(maker === undefined ? test.skip : test)(
  'MEMORY, 1114',
  async () => {
    const database = await maker!.make();
    const spool = ['--spool', 'spool', '--quarantine', 'rejected'];
    const received = async (table: string, messages: Buffer[]): Promise<void> => {
      const dead = `mysql://root@127.0.0.1:${await freePort()}/x`;
      const args = ['hep', 'listen', 'hep_udp:127.0.0.1:0', '--db', dead, '--table', table, ...spool, '-c', String(messages.length), '-q'];
      const listening = start(args, { cwd: folder.path });
      await sendUdp(
        await portOf(listening),
        messages.map((message, i) => hep3(message, i) as Buffer),
      );
      expect((await listening.ended).code).toBe(4);
    };
    const messages = sipMessages(40) as Buffer[];
    await received('full_table', messages.slice(0, 30));
    await received('sip_capture', messages.slice(30));
    try {
      expect((await sipcap(['db', 'init', '--db', database.url])).code).toBe(0);
      await database.query(
        `SET max_heap_table_size = 16384; CREATE TABLE full_table (callid VARCHAR(99)) ENGINE = MEMORY; INSERT INTO full_table SELECT REPEAT('x', 99) FROM seq_1_to_20`,
      );
      await database
        .query(`SET max_heap_table_size = 16384; INSERT INTO full_table SELECT REPEAT('x', 99) FROM seq_1_to_2000`)
        .catch(() => {});
      const drained = await sipcap(['db', 'drain', '--db', database.url, ...spool], { cwd: folder.path });
      const [{ n }] = await database.query('SELECT count(*) AS n FROM sip_capture');
      expect([drained.code, Number(n), drained.stdout]).toEqual([0, 10, '10 rows stored, 30 refused, 0 lost, 0 batches left\n']);
      expect(readFileSync(join(folder.path, 'rejected'), 'utf8').trim().split('\n')).toHaveLength(30);
    } finally {
      await database.drop();
    }
  },
  120_000,
);
