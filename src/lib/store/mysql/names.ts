/** Names in MySQL and MariaDB: in backticks; 64 characters at most. */
import type { Naming } from '../sql/names.js';

export const MYSQL_NAMES: Naming = {
  folder: 'mysql',
  quote: (name) => `\`${name.replaceAll('`', '``')}\``,
  schemas: true,
  longestName: 64,
};
