/**
 * Which connections a listener keeps: limited in total and per peer. One that has not sent a complete HEP header yet
 * is half-open: it is closed after a while, and sooner when its place is needed, so that connections that send nothing
 * cannot keep others out.
 */
import type { Socket } from 'node:net';

export interface AdmissionLimits {
  /** Maximum of connections in total, and per address. */
  connections: number;
  peerConnections: number;
  /** Time to the first whole header, TLS handshake included. */
  headerMs: number;
}

interface Admitted {
  socket: Socket;
  peer: string;
  sinceMs: number;
}

export class Admission {
  private readonly byPeer = new Map<string, number>();
  private readonly admitted = new Map<string, Admitted>();
  /** Those without a header yet, oldest first. */
  private readonly halfOpen = new Map<string, Admitted>();

  constructor(
    private readonly limits: AdmissionLimits,
    /** Called before a half-open connection is closed to make room. */
    private readonly onEvicted: (peer: string, port: number) => void,
  ) {}

  get sockets(): Iterable<Socket> {
    return [...this.admitted.values()].map(({ socket }) => socket);
  }

  /** '' if the connection is admitted, else the limit that it exceeds. */
  admit(socket: Socket, nowMs: number): '' | 'connections' | 'peer_connections' {
    const { limits } = this;
    const peer = socket.remoteAddress ?? '';
    if ((this.byPeer.get(peer) ?? 0) >= limits.peerConnections && !this.evict(peer)) return 'peer_connections';
    if (this.admitted.size >= limits.connections && !this.evict(null)) return 'connections';
    const key = keyOf(socket);
    const entry = { socket, peer, sinceMs: nowMs };
    this.admitted.set(key, entry);
    this.halfOpen.set(key, entry);
    this.byPeer.set(peer, (this.byPeer.get(peer) ?? 0) + 1);
    socket.on('close', () => this.remove(key, entry));
    return '';
  }

  /** The connection has sent a complete header; for TLS the decrypted socket, which has the same addresses. */
  prove(socket: Socket): void {
    this.halfOpen.delete(keyOf(socket));
  }

  /** Resets the connection, for TLS the underlying one. */
  reset(socket: Socket): void {
    const below = this.admitted.get(keyOf(socket))?.socket;
    below?.resetAndDestroy();
    socket.destroy();
  }

  /** Those that took too long. */
  overdue(nowMs: number): Socket[] {
    const sockets: Socket[] = [];
    for (const { socket, sinceMs } of this.halfOpen.values()) {
      if (nowMs - sinceMs <= this.limits.headerMs) break;
      sockets.push(socket);
    }
    return sockets;
  }

  private evict(peer: string | null): boolean {
    for (const [key, entry] of this.halfOpen) {
      if (peer !== null && entry.peer !== peer) continue;
      this.onEvicted(entry.peer, entry.socket.remotePort ?? 0);
      this.remove(key, entry);
      entry.socket.destroy();
      return true;
    }
    return false;
  }

  private remove(key: string, entry: Admitted): void {
    if (this.admitted.get(key) !== entry) return;
    this.admitted.delete(key);
    this.halfOpen.delete(key);
    const left = this.byPeer.get(entry.peer)! - 1;
    if (left > 0) this.byPeer.set(entry.peer, left);
    else this.byPeer.delete(entry.peer);
  }
}

function keyOf(socket: Socket): string {
  return `${socket.remoteAddress} ${socket.remotePort}`;
}
