/** How packets are relayed, with what holds where nothing is said. */
import type { Clock, DatagramAddon, HepEndpoint, Log } from '../../base/index.js';
import type { SpoolSync } from '../spool/index.js';
import type { FindAddresses } from './addresses.js';
import { NO_REST, type Cooldown } from './back-off.js';
import type { TargetTls } from './link.js';

/** `all`: each target gets everything; `failover`: the first that works; `balance`: one of them by key. */
export type RelayPolicy = 'all' | 'failover' | 'balance';

export interface RelayOptions {
  targets: HepEndpoint[];
  policy: RelayPolicy;
  clock: Clock;
  log: Log;
  /** Holds one spool for each target; null where nothing is spooled. */
  spoolDirectory: string | null;
  spoolSync?: SpoolSync;
  spoolMaxBytes?: number;
  spoolMaxAgeSeconds?: number;
  /** Packets per second out of the spool; 0 is as fast as it goes. Without it: UDP 20,000 and more where the backlog grows, streams no limit. */
  spoolRate?: number;
  segmentBytes?: number;
  /** True for sources that can wait as long as it takes: `send` then also says full for a target that is away. */
  waitForTargets?: boolean;
  /** Makes HEPv3 of v1 and v2 where a stream needs it. */
  upgrade?: (packet: Buffer) => Buffer | null;
  tls?: TargetTls;
  /** What sends UDP in batches; null for Node's own sockets. By default the addon where it is there. */
  addon?: DatagramAddon | null;
  queueBytes?: number;
  tailBytes?: number;
  tailSeconds?: number;
  readGraceSeconds?: number;
  connectTimeoutMs?: number;
  probeMs?: number;
  stallMs?: number;
  maxBackOffMs?: number;
  /** After so many failures in a row a target rests; never by default. */
  cooldown?: Cooldown;
  failBackMs?: number;
  /** How long `flush` and `close` wait for targets that do not take what waits. */
  graceMs?: number;
  random?: () => number;
  /** How names are looked up; the system's way where nothing is said. */
  findAddresses?: FindAddresses;
}

export const RELAY_DEFAULTS = {
  spoolSync: 'interval' as SpoolSync,
  spoolMaxBytes: 0,
  spoolMaxAgeSeconds: 0,
  queueBytes: 32 * 1024 * 1024,
  tailBytes: 64 * 1024 * 1024,
  // Linux gives up on unanswered bytes after 924 s (tcp_retries2 = 15): until then a connection may turn out dead.
  tailSeconds: 960,
  // Linux tells what was acknowledged: then a target that hangs this long and dies loses what it had not read.
  readGraceSeconds: 60,
  connectTimeoutMs: 10_000,
  probeMs: 300,
  stallMs: 30_000,
  maxBackOffMs: 5000,
  cooldown: NO_REST,
  failBackMs: 60_000,
  graceMs: 5000,
};

export const UDP_SPOOL_RATE = 20_000;
