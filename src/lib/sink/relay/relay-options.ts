/** How packets are relayed, and the defaults. */
import type { Clock, DatagramAddon, HepEndpoint, Log } from '../../base/index.js';
import type { SpoolSync } from '../spool/index.js';
import type { FindAddresses } from './addresses.js';
import { NO_COOLDOWN, type Cooldown } from './back-off.js';
import type { TargetTls } from './link.js';

/** `all`: each target gets everything; `failover`: the first that works; `balance`: one of them by key. */
export type RelayPolicy = 'all' | 'failover' | 'balance';

export interface RelayOptions {
  targets: HepEndpoint[];
  policy: RelayPolicy;
  clock: Clock;
  log: Log;
  /** Holds one spool per target; null for no spool. */
  spoolDirectory: string | null;
  spoolSync?: SpoolSync;
  spoolMaxBytes?: number;
  spoolMaxAgeSeconds?: number;
  /** Packets per second from the spool; 0 is unlimited. Default: UDP twice the arrival rate and at least 2,000, streams no limit. */
  spoolRate?: number;
  /** Packets per second to UDP targets that do not come from a spool; 0, the default, is unlimited: live sources cannot wait. */
  liveRate?: number;
  segmentBytes?: number;
  /** True for sources that can wait as long as it takes: `send` then also returns false for an unreachable target. */
  waitForTargets?: boolean;
  /** Makes HEPv3 of v1 and v2 where a stream needs it. */
  upgrade?: (packet: Buffer) => Buffer | null;
  tls?: TargetTls;
  /** Sends UDP in batches and queries the kernel about connections; null for Node's own sockets. By default the addon if installed. */
  addon?: DatagramAddon | null;
  queueBytes?: number;
  tailBytes?: number;
  tailSeconds?: number;
  readGraceSeconds?: number;
  peerBufferBytes?: number;
  /** Targets drop what they get twice: what they may have read and not stored is sent again, too. */
  repeats?: boolean;
  connectTimeoutMs?: number;
  probeMs?: number;
  stallMs?: number;
  maxBackOffMs?: number;
  /** After this many consecutive failures the next attempt is delayed longer; never by default. */
  cooldown?: Cooldown;
  failBackMs?: number;
  /** How long `flush` and `close` wait for targets that make no progress. */
  graceMs?: number;
  random?: () => number;
  /** How names are looked up; by the system's resolver by default. */
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
  // A target that acknowledges, does not read for so long, and then dies loses what it had not read.
  readGraceSeconds: 5,
  // Linux' default maximum is 6 MiB (tcp_rmem).
  peerBufferBytes: 16 * 1024 * 1024,
  connectTimeoutMs: 10_000,
  probeMs: 300,
  stallMs: 30_000,
  maxBackOffMs: 5000,
  cooldown: NO_COOLDOWN,
  failBackMs: 60_000,
  graceMs: 5000,
};

/** UDP from spools: the minimum, and the rate for finite sources. */
export const UDP_RATE = 2000;
