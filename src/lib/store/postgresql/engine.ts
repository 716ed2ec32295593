/** PostgreSQL as an engine. */
import type { Engine } from '../engine.js';
import { POSTGRESQL } from './dialect.js';

export const POSTGRESQL_ENGINE: Engine = {
  kind: 'postgresql',
  title: 'PostgreSQL',
  schemes: ['postgres', 'postgresql'],
  example: 'postgres://user:password@host/database',
  defaultPort: 5432,
  zonedTime: 'timestamptz',
  writers: 2,
  dialect: POSTGRESQL,
  connect: async (url, host, access) => (await import('./session.js')).connectPostgresql(url, host, access),
};
