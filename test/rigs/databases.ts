/**
 * The databases that the contract is tested on: an SQLite file always, servers where their URL is given in
 * SIPCAP_TEST_MYSQL and SIPCAP_TEST_POSTGRES. Queries bypass our own drivers.
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mysql from 'mysql2/promise';
import pg from 'pg';
import { query as sqliteQuery } from './database.js';
import { MysqlProxy } from './mysql-proxy.js';

export { sqliteQuery };

export type DatabaseEngine = 'sqlite' | 'mysql' | 'postgresql';

/** A fresh, empty database. */
export interface TestDatabase {
  kind: DatabaseEngine;
  url: string;
  query(sql: string): Promise<Record<string, unknown>[]>;
  drop(): Promise<void>;
}

export interface DatabaseMaker {
  kind: DatabaseEngine;
  make(): Promise<TestDatabase>;
}

export function databaseMakers(): DatabaseMaker[] {
  const { SIPCAP_TEST_MYSQL, SIPCAP_TEST_POSTGRES } = process.env;
  const makers: DatabaseMaker[] = [{ kind: 'sqlite', make: makeSqlite }];
  if (SIPCAP_TEST_MYSQL !== undefined) makers.push({ kind: 'mysql', make: () => makeMysql(SIPCAP_TEST_MYSQL) });
  if (SIPCAP_TEST_POSTGRES !== undefined) makers.push({ kind: 'postgresql', make: () => makePostgresql(SIPCAP_TEST_POSTGRES) });
  return makers;
}

/** MariaDB as seen through a proxy that hides its bulk protocol: as MySQL. */
export function makersWithoutBulk(): DatabaseMaker[] {
  const { SIPCAP_TEST_MYSQL } = process.env;
  return SIPCAP_TEST_MYSQL === undefined ? [] : [{ kind: 'mysql', make: () => makeMysqlWithoutBulk(SIPCAP_TEST_MYSQL) }];
}

export const SERVERS_ARE_MISSING = process.env.SIPCAP_TEST_MYSQL === undefined || process.env.SIPCAP_TEST_POSTGRES === undefined;

async function makeSqlite(): Promise<TestDatabase> {
  const folder = mkdtempSync(join(tmpdir(), 'sipcap-store-'));
  const path = join(folder, 'test.db');
  return {
    kind: 'sqlite',
    url: `sqlite:${path}`,
    query: (sql) => sqliteQuery(path, sql),
    drop: async () => rmSync(folder, { recursive: true }),
  };
}

function inDatabase(url: string, name: string): string {
  const other = new URL(url);
  other.pathname = `/${name}`;
  return other.href;
}

async function makeMysql(url: string): Promise<TestDatabase> {
  const name = `t_${randomBytes(6).toString('hex')}`;
  const connection = await mysql.createConnection({ uri: url, timezone: 'Z', dateStrings: true, multipleStatements: true });
  await connection.query(`CREATE DATABASE ${name}; USE ${name}; SET time_zone = '+00:00'`);
  return {
    kind: 'mysql',
    url: inDatabase(url, name),
    query: async (sql) => {
      const [rows] = await connection.query(sql);
      return Array.isArray(rows) ? (rows as Record<string, unknown>[]) : [];
    },
    drop: async () => {
      await connection.query(`DROP DATABASE ${name}`);
      await connection.end();
    },
  };
}

async function makeMysqlWithoutBulk(url: string): Promise<TestDatabase> {
  const database = await makeMysql(url);
  const proxy = await MysqlProxy.open(url, { hidesBulk: true });
  return {
    ...database,
    url: proxy.through(database.url),
    drop: async () => {
      await database.drop();
      await proxy.close();
    },
  };
}

async function makePostgresql(url: string): Promise<TestDatabase> {
  const name = `t_${randomBytes(6).toString('hex')}`;
  const admin = new pg.Client({ connectionString: url });
  await admin.connect();
  await admin.query(`CREATE DATABASE ${name}`);
  const client = new pg.Client({ connectionString: inDatabase(url, name) });
  await client.connect();
  await client.query("SET TIME ZONE 'UTC'");
  return {
    kind: 'postgresql',
    url: inDatabase(url, name),
    query: async (sql) => {
      const result = await client.query(sql);
      return Array.isArray(result) ? [] : (result.rows as Record<string, unknown>[]);
    },
    drop: async () => {
      await client.end();
      await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
      await admin.end();
    },
  };
}
