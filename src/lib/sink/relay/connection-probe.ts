/**
 * The kernel's view of a TCP connection: how many bytes of our stream the peer has acknowledged. With the addon
 * exact, also after the connection has died; without it from /proc/net/tcp while it is open (Linux).
 */
import type { Socket } from 'node:net';
import type { DatagramAddon, HeldSocket } from '../../base/index.js';
import { unacknowledgedBytes, unacknowledgedBytesNow } from './unacknowledged.js';

export class ConnectionProbe {
  /** False where the system does not report acknowledgements at all. */
  readonly isKnowing: boolean;
  private held: HeldSocket | null = null;
  private readonly localPort: number;
  private readonly remotePort: number;
  /** Sequence numbers acknowledged before our first byte (the SYN). */
  private readonly before: number = -1;

  /** `isTls`: the kernel counts encrypted bytes, we do not. */
  constructor(
    socket: Socket,
    isTls: boolean,
    private readonly addon: DatagramAddon | null,
  ) {
    this.localPort = socket.localPort ?? 0;
    this.remotePort = socket.remotePort ?? 0;
    const descriptor = (socket as { _handle?: { fd?: number } | null })._handle?.fd ?? -1;
    if (addon !== null && descriptor >= 0) {
      try {
        this.held = addon.hold(descriptor);
        this.before = isTls ? -1 : addon.acknowledged(this.held);
      } catch {
        this.held = null; // out of descriptors: /proc has it
      }
    }
    this.isKnowing = this.look(0, false) >= 0;
  }

  /** True if a check is nearly free. */
  get isCheap(): boolean {
    return this.held !== null;
  }

  /**
   * Bytes of our stream that are acknowledged for certain, of `written` that the kernel has taken (it may have a part of the
   * next ones as well); -1 where unknown. `hasEnded`: the kernel has our FIN, too.
   */
  look(written: number, hasEnded: boolean): number {
    if (this.held === null) return acknowledgedOf(written, unacknowledgedBytesNow(this.localPort, this.remotePort), hasEnded);
    if (this.before >= 0) return Math.max(0, this.addon!.acknowledged(this.held) - this.before);
    return acknowledgedOf(written, this.addon!.unacknowledged(this.held), hasEnded);
  }

  /** The same without blocking. */
  async ask(written: number): Promise<number> {
    if (this.held !== null) return this.look(written, false);
    return acknowledgedOf(written, await unacknowledgedBytes(this.localPort, this.remotePort), false);
  }

  /** To be called once the socket is destroyed: the connection ends with it. */
  close(): void {
    if (this.held !== null) this.addon!.release(this.held);
    this.held = null;
  }
}

/** TLS: what is not acknowledged is counted encrypted, which is longer, so the answer errs on the safe side. A FIN counts as a byte. */
export function acknowledgedOf(written: number, unacknowledged: number, hasEnded: boolean): number {
  if (unacknowledged < 0) return -1;
  return Math.max(0, written - (hasEnded && unacknowledged === 1 ? 0 : unacknowledged));
}
