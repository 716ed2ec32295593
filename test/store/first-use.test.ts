/** Several writers find an empty database at the same moment: each table is made once, and nobody waits for the next attempt. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { silentLog } from '../../src/lib/base/index.js';
import { loadStore } from '../../src/lib/store/index.js';
import type { SqlStore } from '../../src/lib/store/sql/sql-store.js';
import { databaseMakers, type TestDatabase } from '../rigs/databases.js';
import { batch, tableRows } from '../rigs/rows.js';

/** No more than Node's threads: a writer that waits for an SQLite file occupies one, and the one it waits for needs one too. */
const WRITERS = 4;
const ROUNDS = 5;

describe.each(databaseMakers())('$kind', ({ kind, make }) => {
  let database: TestDatabase;
  let stores: SqlStore[];

  beforeEach(async () => {
    database = await make();
    stores = [];
  });

  afterEach(async () => {
    await Promise.all(stores.map((store) => store.close()));
    await database.drop();
  });

  test.each(kind === 'sqlite' ? (['none'] as const) : (['none', 'day'] as const))(
    'partition %s',
    async (partition) => {
      stores = await Promise.all(Array.from({ length: WRITERS }, () => loadStore(database.url, { partition })));
      for (let round = 0; round < ROUNDS; round++) {
        const table = `sip_${round}`;
        const write = (store: SqlStore, writer: number) => {
          const stored = batch(round + 1, tableRows(writer, writer + 1, {}, table));
          return store.write({ ...stored, streams: stored.streams.map((each) => ({ ...each, stream: `${each.stream}:${writer}` })) });
        };
        const outcomes = await Promise.all(stores.map(write));
        expect([table, outcomes]).toEqual([table, stores.map(() => expect.objectContaining({ outcome: 'stored', refused: [] }))]);
        expect(await database.query(`SELECT callid FROM ${table}`)).toHaveLength(WRITERS);
      }
      const known = await database.query('SELECT name, partition_by FROM sipcap_table ORDER BY name');
      expect(known).toEqual(Array.from({ length: ROUNDS }, (_, round) => ({ name: `sip_${round}`, partition_by: partition })));
    },
    60_000,
  );

  test('a table that somebody dropped is made and registered anew', async () => {
    const [first, second] = await Promise.all([loadStore(database.url), loadStore(database.url)]);
    stores = [first, second];
    await first.makeTable('sip_capture', 'messages');
    await database.query('DROP TABLE messages');
    await Promise.all(stores.map((store) => store.makeTable('rtcp_capture', 'messages')));
    expect(await database.query('SELECT name, shape FROM sipcap_table')).toEqual([{ name: 'messages', shape: 'rtcp_capture' }]);
    expect(await first.hasTable('messages')).toBe(true);
  });

  test('a table that is dropped while rows are stored is made again, and the log says so', async () => {
    const warnings: string[] = [];
    stores = [await loadStore(database.url, { log: { ...silentLog, warn: (text) => void warnings.push(text) } })];
    for (const number of [1, 2]) {
      expect((await stores[0].write(batch(number, tableRows(0, 5)))).outcome).toBe('stored');
      expect(warnings).toEqual(number === 1 ? [] : ['table sip_capture is no longer there: making it again']);
      await database.query('DROP TABLE sip_capture');
    }
  });
});
