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

/** Datagrams in what `take` gives: RECORD_BYTES of record, then the datagram, and so on. */
export const DATAGRAM_RECORD_BYTES = 32;

export interface DatagramAddon {
  /** Binds and begins to receive into a ring of that size; `onReady` is called when there is something to take again. */
  receive(address: string, port: number, bufferBytes: number, ringBytes: number, onReady: () => void): ReceiverHandle;
  /** What came, in a buffer that is never written again; null where nothing waits. */
  take(receiver: ReceiverHandle): Buffer | null;
  /** Port, bytes of receive buffer granted, datagrams lost at the socket so far. */
  describe(receiver: ReceiverHandle): [port: number, grantedBytes: number, lost: number];
  /** Receives no more; what came can still be taken. */
  halt(receiver: ReceiverHandle): void;
  closeReceiver(receiver: ReceiverHandle): void;
  connect(address: string, port: number, bufferBytes: number): SenderHandle;
  /** How many of `packets[from, from + count)` went out in the low 8 bits, and above them the errno of what stopped it. */
  send(sender: SenderHandle, packets: readonly Buffer[], from: number, count: number): number;
  /** What the network answered to packets sent before (an errno), 0 where nothing. */
  errorOf(sender: SenderHandle): number;
  closeSender(sender: SenderHandle): void;
  /** A second descriptor of a TCP socket: the kernel can still be asked about it after Node has closed its own. */
  hold(descriptor: number): HeldSocket;
  /** Bytes (a FIN included) that the kernel has taken and the other side has not acknowledged; -1 where unknown. */
  unacknowledged(held: HeldSocket): number;
  /** Sequence numbers (SYN and FIN included) that the other side has acknowledged so far; -1 where unknown. */
  acknowledged(held: HeldSocket): number;
  release(held: HeldSocket): void;
}

/** Null where the addon is not there. */
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

/** The error that `action` makes, with the words that Node's own sockets use. */
export function asSystemError(error: unknown, action: string): NodeJS.ErrnoException {
  const number = Number((error as NodeJS.ErrnoException).code);
  const code = number > 0 ? getSystemErrorName(-number) : 'EINVAL';
  return Object.assign(new Error(`${action.split(' ', 1)[0]} ${code} ${action.slice(action.indexOf(' ') + 1)}`), { code, errno: -number });
}
