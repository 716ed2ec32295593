/** MySQL and MariaDB as an engine. */
import type { Engine } from '../engine.js';
import { MYSQL } from './dialect.js';

export const MYSQL_ENGINE: Engine = {
  kind: 'mysql',
  title: 'MySQL',
  schemes: ['mysql', 'mariadb'],
  example: 'mysql://user:password@host/database',
  defaultPort: 3306,
  zonedTime: 'timestamp',
  writers: 2,
  dialect: MYSQL,
  connect: async (url, host, access) => (await import('./session.js')).connectMysql(url, host, access),
};
