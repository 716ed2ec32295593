/** One connection, or one connected UDP socket, to a target: opened, used, and discarded when it fails. */
import type { SecureContextOptions } from 'node:tls';
import type { Clock, DatagramAddon, HepEndpoint } from '../../base/index.js';
import type { FindAddresses } from './addresses.js';
import type { Backlog } from './backlog.js';
import type { RateLimit } from './rate-limit.js';
import type { SendWindow } from './send-window.js';

export interface Link {
  /** Something waits in the backlog. */
  wanted(): void;
  /** Ends the link after everything passed to it, or when `over` resolves; false if some may not have arrived. No `linkDown` follows. */
  finish(over: Promise<void>): Promise<boolean>;
  /** Closes at once; the owner is not called any more. */
  destroy(): void;
}

export interface LinkOwner {
  readonly backlog: Backlog;
  /** The link is open. */
  linkUp(): void;
  /** The link works: something sent on it is known to have arrived, or (where nothing can confirm that) it stays open. */
  linkProven(): void;
  /** The link failed and is closed; what was in flight is the backlog's to send again. `inOrder`: the target closed it. Called once. */
  linkDown(reason: string, inOrder: boolean): void;
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
  /** Number of failed attempts before: a name with several addresses is tried with each in turn. */
  attempt: number;
  findAddresses: FindAddresses;
  clock: Clock;
  tls: TargetTls;
  /** Sends UDP in batches and queries the kernel about connections; null for Node's own sockets. */
  addon: DatagramAddon | null;
  connectTimeoutMs: number;
  /** UDP: how long to wait for an ICMP error for the first packet. */
  probeMs: number;
  /** UDP: how fast packets that did not wait in a spool are sent; null means unlimited. */
  pace: RateLimit | null;
  /** Streams: without any progress for this long the connection counts as dead. */
  stallMs: number;
  /** Streams: how much may be unconfirmed. It belongs to the target and survives its connections. */
  window: SendWindow;
  /** Streams: the most that the target's kernel may hold unread. */
  peerBufferBytes: number;
  /** Streams: the target drops what it gets twice, so all that it may not have stored is sent again. */
  repeats: boolean;
}
