/**
 * OpenSIPS, Kamailio and sipcap write into one table that `db init` created. The INSERTs of the other two are rebuilt from
 * what is known of them: names and order of the columns, and what each writes for missing values.
 */
import { describe, expect, test } from '@jest/globals';
import { loadStore } from '../../src/lib/store/index.js';
import { databaseMakers } from '../rigs/databases.js';
import { batch, COLUMNS, tableRows } from '../rigs/rows.js';

/** OpenSIPS: the 43 columns. Through MySQL, text that was never set is NULL, always contact_user and auth. */
const OPENSIPS = COLUMNS.filter((name) => name !== 'diversion');
/** Kamailio: the same but without what OpenSIPS added. */
const KAMAILIO = OPENSIPS.filter(
  (name) =>
    !['correlation_id', 'from_domain', 'to_domain', 'ruri_domain', 'custom_field1', 'custom_field2', 'custom_field3'].includes(name),
);
const NUMBERS = ['micro_ts', 'source_port', 'destination_port', 'contact_port', 'originator_port', 'proto', 'family', 'type'];

function insert(kind: string, columns: readonly string[], callId: string, empty: 'NULL' | "''"): string {
  const values = columns.map((name) => {
    if (name === 'date') return kind === 'mysql' ? 'FROM_UNIXTIME(1700000000)' : kind === 'sqlite' ? '1700000000' : "'2023-11-14 22:13:20'";
    if (name === 'callid') return `'${callId}'`;
    if (name === 'method') return "'INVITE'";
    if (name === 'micro_ts') return '1700000000123456';
    if (NUMBERS.includes(name)) return '5060';
    return name === 'msg' ? "'INVITE sip:x SIP/2.0'" : empty;
  });
  return `INSERT INTO sip_capture (${columns.join(',')}) VALUES (${values.join(',')})`;
}

describe.each(databaseMakers())('$kind', ({ kind, make }) => {
  test.each(kind === 'sqlite' ? (['none'] as const) : (['none', 'day'] as const))('partition %s', async (partition) => {
    const database = await make();
    const store = await loadStore(database.url);
    await store.makeTable('sip_capture', 'sip_capture', partition);
    await database.query(insert(kind, OPENSIPS, 'opensips', kind === 'mysql' ? 'NULL' : "''"));
    await database.query(insert(kind, OPENSIPS, 'opensips-null', 'NULL'));
    expect(await store.write(batch(1, tableRows(0, 2)))).toMatchObject({ outcome: 'stored', refused: [] });
    await database.query(insert(kind, KAMAILIO, 'kamailio', "''"));
    expect(await store.write(batch(2, tableRows(2, 3)))).toMatchObject({ outcome: 'stored', refused: [] });
    const rows = await database.query('SELECT callid, method, contact_user, ruri_domain, diversion, msg FROM sip_capture ORDER BY id');
    expect(rows.map(({ callid }) => callid)).toEqual([
      'opensips',
      'opensips-null',
      'call-0@127.0.0.1',
      'call-1@127.0.0.1',
      'kamailio',
      'call-2@127.0.0.1',
    ]);
    expect(rows[1]).toMatchObject({ contact_user: null, diversion: '' });
    expect(rows[4]).toMatchObject({ ruri_domain: '', diversion: '' });
    expect(String(rows[4].msg)).toBe('INVITE sip:x SIP/2.0');
    await store.close();
    await database.drop();
  });
});
