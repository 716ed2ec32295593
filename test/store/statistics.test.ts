/** PostgreSQL knows what is in tables that were just filled: else it reads them from end to end until its autovacuum has been there. */
import { describe, expect, test } from '@jest/globals';
import { loadStore } from '../../src/lib/store/index.js';
import { SERVERS_ARE_MISSING, databaseMakers } from '../rigs/databases.js';
import { batch, tableRows } from '../rigs/rows.js';
import { until } from '../rigs/sipcap.js';

const ROWS = 12_000;
const STEP = 2000;

(SERVERS_ARE_MISSING ? describe.skip : describe)('statistics after storing', () => {
  test.each([
    ['many rows', 'none', ROWS, true],
    ['many rows in partitions', 'day', ROWS, true],
    ['few rows', 'none', STEP, false],
  ] as const)('%s, partition %s', async (_name, partition, count, isKnown) => {
    const database = await databaseMakers()
      .find(({ kind }) => kind === 'postgresql')!
      .make();
    const store = await loadStore(database.url, { partition });
    for (let from = 0; from < count; from += STEP) {
      const { outcome } = await store.write(batch(from / STEP + 1, tableRows(from, from + STEP)));
      expect(outcome).toBe('stored');
    }
    await store.close();
    // Its own autovacuum may have been there, too; what it did is counted apart.
    const sql = "SELECT c.reltuples, s.last_analyze FROM pg_class c JOIN pg_stat_user_tables s ON s.relid = c.oid WHERE c.relkind = 'r'";
    const filled = async () => (await database.query(`${sql} AND pg_relation_size(c.oid) > 100000 AND c.relname LIKE 'sip_capture%'`))[0];
    if (isKnown) await until(async () => (await filled()).last_analyze !== null, 'statistics');
    const { reltuples, last_analyze: analyzed } = await filled();
    expect(isKnown ? [Number(reltuples), analyzed !== null] : analyzed).toEqual(isKnown ? [count, true] : null);
    await database.drop();
  });
});
