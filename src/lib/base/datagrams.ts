/**
 * The optional addon native/datagrams.c: UDP in batches, on Linux where it could be built. Node's own sockets do the
 * same work with several system calls for each datagram; SIPCAP_PLAIN_SOCKETS=1 chooses them.
 */
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { getSystemErrorName } from 'node:util';

/** Opaque: a socket and the thread that empties it. */
export interface ReceiverHandle {
  readonly receiver: unique symbol;
}
/** Opaque: a connected socket. */
export interface SenderHandle {
  readonly sender: unique symbol;
}

/** Opaque: a descriptor of a TCP socket. */
export interface HeldSocket {
  readonly held: unique symbol;
}

/** The datagrams returned by `take`: RECORD_BYTES of record, then the datagram, and so on. */
export const DATAGRAM_RECORD_BYTES = 32;

export interface DatagramAddon {
  /**
   * Binds and starts receiving into a ring of that size; `onReady` is called when there is something to take again.
   * `shared`: other processes of the user may bind the same address, and each sender's socket is served by one of them.
   */
  receive(address: string, port: number, bufferBytes: number, ringBytes: number, onReady: () => void, shared?: boolean): ReceiverHandle;
  /** Received datagrams, in a buffer that is never overwritten; null if there are none. */
  take(receiver: ReceiverHandle): Buffer | null;
  /** Port, bytes of receive buffer granted, datagrams lost at the socket so far. */
  describe(receiver: ReceiverHandle): [port: number, grantedBytes: number, lost: number];
  /** Stops receiving; what was received can still be taken. */
  halt(receiver: ReceiverHandle): void;
  closeReceiver(receiver: ReceiverHandle): void;
  connect(address: string, port: number, bufferBytes: number): SenderHandle;
  /** How many of `packets[from, from + count)` were sent in the low 8 bits, and above them the errno that stopped it. */
  send(sender: SenderHandle, packets: readonly Buffer[], from: number, count: number): number;
  /** The error that the network reported for packets sent before (an errno), 0 for none. */
  errorOf(sender: SenderHandle): number;
  closeSender(sender: SenderHandle): void;
  /** A second descriptor of a TCP socket: its state can still be queried after Node has closed its own. */
  hold(descriptor: number): HeldSocket;
  /** Bytes (including a FIN) accepted by the kernel and not acknowledged by the peer; -1 if unknown. */
  unacknowledged(held: HeldSocket): number;
  /** Sequence numbers (including SYN and FIN) acknowledged by the peer so far; -1 if unknown. */
  acknowledged(held: HeldSocket): number;
  release(held: HeldSocket): void;
}

/** Null if the addon is not available. */
export function datagramAddon(): DatagramAddon | null {
  if (process.platform !== 'linux' || process.env.SIPCAP_PLAIN_SOCKETS === '1') return null;
  try {
    return createRequire(import.meta.url)(
      fileURLToPath(new URL('../../../build/Release/datagrams.node', import.meta.url)),
    ) as DatagramAddon;
  } catch {
    return null;
  }
}

/** The error for `action`, worded as by Node's own sockets. */
export function asSystemError(error: unknown, action: string): NodeJS.ErrnoException {
  const number = Number((error as NodeJS.ErrnoException).code);
  const code = number > 0 ? getSystemErrorName(-number) : 'EINVAL';
  return Object.assign(new Error(`${action.split(' ', 1)[0]} ${code} ${action.slice(action.indexOf(' ') + 1)}`), { code, errno: -number });
}
