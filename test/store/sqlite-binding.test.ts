/** Which SQLite is used: the sqlite3 package, else Node's own; a word on what helps where there is neither. */
import { expect, test } from '@jest/globals';
import { hasBuiltin, sqliteBinding } from '../../src/lib/store/sqlite/binding.js';
import { pack } from '../../src/lib/store/sqlite/builtin-protocol.js';

test('node:sqlite is there from 22.13 on', () => {
  expect(['20.20.2', '22.12.9', '22.13.0', '22.23.3', '24.0.0'].map(hasBuiltin)).toEqual([false, false, true, true, true]);
});

test('the package is first; without both the error says what helps', async () => {
  if (process.env.SIPCAP_SQLITE !== 'builtin') expect((await sqliteBinding('')).name).toBe('openWithPackage');
  if (hasBuiltin(process.versions.node)) expect((await sqliteBinding('builtin')).name).toBe('openBuiltin');
  else
    await expect(sqliteBinding('builtin')).rejects.toThrow(
      /^SQLite is not available: .*has no node:sqlite\nuse Node\.js 22\.13 or newer, or install sqlite3 /,
    );
});

test('values cross to the thread without the slab that a Buffer is part of', () => {
  const slab = Buffer.alloc(65_536, 'x');
  const { values, bytes } = pack(['text', 7, null, slab.subarray(10, 13), Buffer.from('ab')]);
  expect(values).toEqual(['text', 7, null, [0, 3], [3, 5]]);
  expect([bytes.buffer.byteLength, Buffer.from(bytes).toString()]).toEqual([5, 'xxxab']);
});
