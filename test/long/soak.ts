/**
 * The soak: `npm run test:long -- soak [--minutes 30] [--rate 10000]`. A node with everything on (listeners, mirror port, script,
 * MariaDB, PostgreSQL, relay to a node with SQLite, spools, metrics): memory, handles and descriptors stay flat, and nothing is
 * lost. Needs root and ip netns.
 */
import { loadRun } from './load/run.js';
import { flags } from './load/arguments.js';

const { values, refuse } = flags(
  { minutes: { type: 'string', default: '30' }, rate: { type: 'string', default: '10000' } },
  'soak [--minutes N] [--rate MESSAGES_PER_SECOND]',
);
const [minutes, rate] = [Number(values.minutes), Number(values.rate)];
if (!(minutes > 0 && rate > 0)) refuse();
await loadRun({ name: 'soak', minutes, good: rate, bad: 0, everything: true, megabytes: 40 });
