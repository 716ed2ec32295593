/** SQLite as an engine: one file, one writer. */
import type { Engine } from '../engine.js';
import { SQLITE } from './dialect.js';

export const SQLITE_ENGINE: Engine = {
  kind: 'sqlite',
  title: 'SQLite',
  schemes: ['sqlite', 'sqlite3'],
  example: 'sqlite:PATH',
  defaultPort: 0,
  zonedTime: null,
  writers: 1,
  dialect: SQLITE,
  connect: async (url, _host, access) => (await import('./session.js')).connectSqlite(url.path, access),
};
