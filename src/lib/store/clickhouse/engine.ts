/** ClickHouse as an engine: tables of several servers, rows recognised by their identity instead of transactions. */
import type { Engine } from '../engine.js';
import { CLICKHOUSE } from './dialect.js';
import { ClickhousePacker } from './packed-rows.js';

export const CLICKHOUSE_ENGINE: Engine = {
  kind: 'clickhouse',
  title: 'ClickHouse',
  schemes: ['clickhouse', 'clickhouses'],
  example: 'clickhouse://user:password@host/database',
  defaultPort: 8123,
  zonedTime: 'DateTime',
  isSharded: true,
  isIdentified: true,
  tlsScheme: { name: 'clickhouses', port: 8443 },
  // Each INSERT makes a part of each day it has rows of: few and large ones.
  batches: { rows: 20_000, bytes: 32 * 1024 * 1024, ageMs: 1000 },
  writers: 1,
  packer: () => new ClickhousePacker(),
  dialect: CLICKHOUSE,
  connect: async (url, host, access) => (await import('./session.js')).connectClickhouse(url, host!, access),
};
