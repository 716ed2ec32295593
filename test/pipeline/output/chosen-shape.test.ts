/** The set of tables of a database output: what it cannot be combined with, and what the database has otherwise. */
import { expect, test } from '@jest/globals';
import { chosenShape, shapeFor } from '../../../src/lib/pipeline/output/chosen-shape.js';
import { homerMapping } from '../../../src/lib/service/db/homer-mapping.js';
import { parseDatabaseUrl, type Store } from '../../../src/lib/store/index.js';

const DEFAULTS = { shape: '', table: 'sip_capture', reportTable: 'rtcp_capture', localDate: false, partition: 'none' } as const;
type Options = Parameters<typeof chosenShape>[0];
const POSTGRES = 'postgres://h/d';

function chosen(options: Partial<Options>, url = POSTGRES): string {
  try {
    return chosenShape({ ...DEFAULTS, ...options }, parseDatabaseUrl(url));
  } catch (error) {
    return (error as Error).message;
  }
}

test('chosen by option or URL; what contradicts it is named', () => {
  expect(chosen({})).toBe('');
  expect(chosen({ table: 'mine' })).toBe('sipcapture');
  expect(chosen({ shape: 'homer7' })).toBe('homer7');
  expect(chosen({}, `${POSTGRES}?shape=homer7`)).toBe('homer7');
  expect(chosen({ shape: 'homer5' }, `${POSTGRES}?shape=homer7`)).toBe('homer5');
  expect(chosen({}, `${POSTGRES}?shape=homer8`)).toBe(
    "invalid shape 'homer8' in database URL 'postgres://h/d?shape=homer8': did you mean 'homer5'?",
  );
  expect(chosen({ shape: 'homer7' }, 'sqlite:x.db')).toBe("the tables of homer7 are PostgreSQL's: sqlite:x.db is SQLite");
  expect(chosen({}, `${POSTGRES}?shape=homer5-split`)).toBe(
    "the tables of homer5-split are MySQL's: postgres://h/d?shape=homer5-split is PostgreSQL",
  );
  expect(chosen({ shape: 'homer7', table: 'x' })).toBe('the tables of homer7 have fixed names: leave out the table name');
  expect(chosen({ shape: 'homer7', partition: 'day' })).toBe(
    'the tables of homer7 have partitions of their own: leave out the partition option',
  );
  expect(chosen({ shape: 'homer5-split', partition: 'hour' }, 'mysql://h/d')).toMatch(/^the tables of homer5-split have partitions/);
  expect(chosen({ shape: 'homer7', localDate: true })).toBe('the tables of homer7 have times in UTC: local time is not possible');
});

test('found in the database: the same contradictions, and the way out', async () => {
  const store = { hasTable: async (table: string) => table === 'hep_proto_1_call' } as Store;
  const found = (options: Partial<Options>) => shapeFor({ ...DEFAULTS, ...options }, parseDatabaseUrl(POSTGRES), store);
  expect(await found({})).toBe('homer7');
  expect(await found({ table: 'mine' })).toBe('sipcapture');
  expect(await found({ shape: 'sipcapture', partition: 'day' })).toBe('sipcapture');
  await expect(found({ partition: 'day' })).rejects.toThrow(
    'the tables of homer7 have partitions of their own: leave out the partition option, or choose other tables with --shape (postgres://h/d has those of Homer)',
  );
});

test('the mapping for Homer is an entry of correlation_mapping', () => {
  expect(JSON.parse(homerMapping())).toMatchObject({
    source_field: 'data_header.callid',
    lookup_field: "protocol_header->>'correlation_id'",
  });
});
