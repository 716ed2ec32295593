/** One connection, or one connected UDP socket, to a target: made, used, and thrown away when it fails. */
import type { SecureContextOptions } from 'node:tls';
import type { Clock, DatagramAddon, HepEndpoint } from '../../base/index.js';
import type { FindAddresses } from './addresses.js';
import type { Backlog } from './backlog.js';

export interface Link {
  /** Something waits in the backlog. */
  wanted(): void;
  /** Ends the link after everything handed over; false where it failed first. No `linkDown` then. */
  finish(graceMs: number): Promise<boolean>;
  /** Closes at once and says nothing more. */
  destroy(): void;
}

export interface LinkOwner {
  readonly backlog: Backlog;
  /** The link is known to work. */
  linkUp(): void;
  /** The link failed and is closed; what was under way is in the backlog's hands. Said once. */
  linkDown(reason: string): void;
  /** Packets left the backlog. */
  linkMoved(): void;
}

/** TLS towards targets, as `tls.connect` takes it. */
export interface TargetTls extends Pick<SecureContextOptions, 'ca' | 'cert' | 'key' | 'passphrase'> {
  rejectUnauthorized?: boolean;
  servername?: string;
}

export interface LinkOptions {
  endpoint: HepEndpoint;
  /** Attempts that failed before: a name with several addresses gets them in turn. */
  attempt: number;
  findAddresses: FindAddresses;
  clock: Clock;
  tls: TargetTls;
  /** UDP: what sends in batches; null for Node's own socket. */
  addon: DatagramAddon | null;
  connectTimeoutMs: number;
  /** UDP: how long an ICMP answer to the first packet is waited for. */
  probeMs: number;
  /** Streams: without any progress for so long the connection counts as dead. */
  stallMs: number;
  /** Streams: what the target's kernel has is kept this long, since the target itself may not have read it. */
  readGraceSeconds: number;
}
