/**
 * Hostile traffic: `npm run test:long -- hostile [--minutes 10] [--good 5000] [--bad 50000]`. A node under malformed packets of
 * every kind, good messages by HEP over UDP, TCP and TLS and by UDP, TCP and WebSocket in its mirror port: every good one is
 * stored, memory is flat, the log bounded, the summary reconciles. Needs root and ip netns.
 */
import { loadRun } from './load/run.js';
import { flags } from './load/arguments.js';

const { values, refuse } = flags(
  {
    minutes: { type: 'string', default: '10' },
    good: { type: 'string', default: '5000' },
    bad: { type: 'string', default: '50000' },
  },
  'hostile [--minutes N] [--good MESSAGES_PER_SECOND] [--bad PACKETS_PER_SECOND]',
);
const [minutes, good, bad] = [Number(values.minutes), Number(values.good), Number(values.bad)];
if (!(minutes > 0 && good > 0 && bad >= 0)) refuse();
/**
 * Process 105, ring of datagrams 64, ring of the interface 64, incomplete streams 48, frames of connections 12, rows for the
 * database at most 256, heap and its slack 150.
 */
const ceilingMegabytes = 700;
await loadRun({ name: 'hostile', minutes, good, bad, everything: false, megabytes: 60, ceilingMegabytes });
