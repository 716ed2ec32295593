/** Connections to a server: TLS as configured and never less, UNIX sockets. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { loadStore, parseDatabaseUrl } from '../../src/lib/store/index.js';
import { tlsOptions } from '../../src/lib/store/tls.js';
import type { SqlStore } from '../../src/lib/store/sql/sql-store.js';
import { makeCertificates } from '../rigs/authority.js';
import { makeServer, serversInstalled, type PrivateServer } from '../rigs/private-server.js';
import { stream, tableRows } from '../rigs/rows.js';

describe('sslmode', () => {
  const wish = (parameters: string) => tlsOptions(parseDatabaseUrl(`postgres://h/d${parameters}`));

  test.each([
    ['', null],
    ['?sslmode=disable', null],
    ['?ssl-mode=DISABLED', null],
    ['?sslmode=require', { rejectUnauthorized: false, verifyIdentity: false }],
    ['?ssl-mode=REQUIRED', { rejectUnauthorized: false, verifyIdentity: false }],
    ['?sslmode=verify-ca', { rejectUnauthorized: true, verifyIdentity: false }],
    ['?ssl-mode=VERIFY_CA', { rejectUnauthorized: true, verifyIdentity: false }],
    ['?sslmode=verify-full', { rejectUnauthorized: true, verifyIdentity: true }],
    ['?ssl-mode=VERIFY_IDENTITY', { rejectUnauthorized: true, verifyIdentity: true }],
  ])('%s', (parameters, expected) => {
    const found = wish(parameters);
    expect(found === null ? null : { rejectUnauthorized: found.rejectUnauthorized, verifyIdentity: found.verifyIdentity }).toEqual(
      expected,
    );
  });

  test('modes that fall back to plain text, and a missing file, are refused', () => {
    for (const mode of ['prefer', 'allow', 'on', 'true']) expect(() => wish(`?sslmode=${mode}`)).toThrow(`invalid sslmode '${mode}'`);
    expect(() => wish('?sslrootcert=/nowhere/ca.pem')).toThrow('ENOENT');
  });
});

for (const kind of serversInstalled())
  describe(kind, () => {
    let folder: string;
    let server: PrivateServer;
    let writes = 0;

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'sipcap-tls-'));
      makeCertificates(folder, 'DNS:localhost');
      server = await makeServer(kind, folder);
    }, 60_000);

    afterAll(async () => {
      await server.remove();
      rmSync(folder, { recursive: true });
    });

    /** The cipher that the server sees on our connection, '' for none. */
    const cipher = async (url: string) => {
      const store = await loadStore(url);
      try {
        await store.open();
        const session = await store.connected();
        if (kind === 'mysql') await expectBulk(store);
        if (kind === 'mysql') return String((await session.all("SHOW STATUS LIKE 'Ssl_cipher'", []))[0].Value);
        return String((await session.all('SELECT cipher FROM pg_stat_ssl WHERE pid = pg_backend_pid()', []))[0].cipher ?? '');
      } finally {
        await store.close();
      }
    };
    /** MariaDB's bulk protocol is negotiated on any connection: a thousand rows are one INSERT, beside the position's. */
    const expectBulk = async (store: SqlStore) => {
      const session = await store.connected();
      const inserts = async () => Number((await session.all("SHOW SESSION STATUS LIKE 'Com_insert'", []))[0].Value);
      await store.makeTable('sip_capture', 'sip_capture');
      const before = await inserts();
      expect((await store.write({ rows: [tableRows(0, 1000)], streams: [stream(1, '', String(++writes))] })).outcome).toBe('stored');
      expect((await inserts()) - before).toBeLessThanOrEqual(2);
    };
    const named = (host: string, parameters: string) => `${server.url.replace('127.0.0.1', host)}?${parameters}`;

    test('as configured', async () => {
      expect(await cipher(server.url)).toBe('');
      expect(await cipher(named('127.0.0.1', 'sslmode=require'))).toMatch(/^TLS_/);
      expect(await cipher(named('127.0.0.1', `sslmode=verify-ca&sslrootcert=${folder}/ca.crt`))).toMatch(/^TLS_/);
      expect(await cipher(named('localhost', `sslrootcert=${folder}/ca.crt`))).toMatch(/^TLS_/);
    });

    test('refuses another certificate and another name', async () => {
      await expect(cipher(named('localhost', `sslrootcert=${folder}/other.crt`))).rejects.toThrow(/certificate/);
      await expect(cipher(named('localhost', 'sslmode=verify-ca'))).rejects.toThrow(/certificate/);
      await expect(cipher(named('127.0.0.1', `sslmode=verify-full&sslrootcert=${folder}/ca.crt`))).rejects.toThrow(
        kind === 'mysql' ? 'use the name instead of an address' : /altnames|IP/,
      );
    });

    test('over a UNIX socket', async () => {
      expect(await cipher(server.socketUrl)).toBe('');
    });
  });
