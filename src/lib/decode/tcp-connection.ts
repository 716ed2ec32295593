/** The two directions of a TCP connection. */
import type { LinkedEntry } from '../base/index.js';
import type { ConnectionFrames } from './connection-frames.js';
import type { TcpStream } from './tcp-stream.js';

export class TcpConnection implements LinkedEntry<TcpConnection> {
  older: TcpConnection | null = null;
  newer: TcpConnection | null = null;
  /** The direction from the lower end, and that from the higher; null until seen. */
  readonly streams: [TcpStream | null, TcpStream | null] = [null, null];
  /** When the table last moved it to its end. */
  placedAt: number;
  /** Other connections between the same ends, in other VLANs or tunnels. */
  twins: TcpConnection[] | null = null;
  /** Its place in the cache of recent connections. */
  slot: { connection: TcpConnection | null } | null = null;

  /** `frames`: its latest frames, where they are kept. */
  constructor(
    readonly key: string,
    public lastSeenAt: number,
    readonly frames: ConnectionFrames | null,
  ) {
    this.placedAt = lastSeenAt;
  }

  get isOver(): boolean {
    for (const stream of this.streams) if (stream !== null && !stream.isClosed) return false;
    return true;
  }
}
