/** A writer that is killed repeatedly: in the end each row is stored exactly once. */
import { describe, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { Child } from '../sink/spool/children.js';
import { databaseMakers } from '../rigs/databases.js';
import { expectEach } from './numbered.js';
import { seeded } from '../rigs/random.js';

const ROWS = 6000;
const KILLS = process.env.SIPCAP_LONG === undefined ? 5 : 60;

describe.each(databaseMakers())('$kind', ({ make }) => {
  test(`kill -9, ${KILLS} times at random moments`, async () => {
    const database = await make();
    const random = seeded(7);
    for (let kill = 0; kill < KILLS; kill++) {
      const child = new Child('test/store/child-writer.ts', [database.url, String(ROWS)]);
      // From the first batch on, up to 100 ms later.
      while (!child.ended && child.lines.length < 2) await sleep(2);
      await sleep(random() * 100);
      await child.kill();
    }
    const last = new Child('test/store/child-writer.ts', [database.url, String(ROWS)]);
    const code = await last.end();
    if (code !== 0) throw new Error(last.errors);
    expectEach(
      (await database.query('SELECT callid FROM sip_capture')).map(({ callid }) => callid),
      ROWS,
    );
    await database.drop();
  }, 120_000);
});
