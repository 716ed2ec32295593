/** A bound UDP socket as the listener sees it, independent of the implementation. */
import type { Gate } from '../../base/index.js';

export interface DatagramSocket {
  /** Binds; throws the operating system's error. What arrives before `start` is kept for it. */
  open(host: string, port: number, bufferBytes: number): Promise<void>;
  /** Delivers what has arrived, and from now on everything as it arrives; a socket with a buffer of its own waits for the gate if there is one. */
  start(gate: Gate | null): void;
  /** Where it is bound, and the bytes of receive buffer that the kernel granted. */
  readonly address: string;
  readonly port: number;
  readonly grantedBytes: number;
  /** Datagrams lost at the socket so far. */
  drops(): Promise<number>;
  /** Delivers what is in the buffers, and closes. */
  close(): Promise<void>;
}

export interface DatagramOwner {
  /** One datagram, `bytes[from, to)`, never written again; `receivedAt` is microseconds since 1970. False when there is no room for more. Never throws. */
  datagram(bytes: Buffer, from: number, to: number, receivedAt: number, address: string, port: number): boolean;
  /** One that could not be kept. */
  lost(reason: string): void;
  lastError(message: string): void;
}
