/** A bound UDP socket as the listener sees it, whatever empties it. */
import type { Gate } from '../../base/index.js';

export interface DatagramSocket {
  /** Binds; throws the operating system's error. What comes before `start` is kept for it. */
  open(host: string, port: number, bufferBytes: number): Promise<void>;
  /** Hands over what came, and from now on everything as it comes; a socket with a buffer of its own waits for the gate where there is one. */
  start(gate: Gate | null): void;
  /** Where it is bound, and the bytes of receive buffer that the kernel granted. */
  readonly address: string;
  readonly port: number;
  readonly grantedBytes: number;
  /** Datagrams lost at the socket so far. */
  drops(): Promise<number>;
  /** Hands over what lies in the buffers, and closes. */
  close(): Promise<void>;
}

export interface DatagramOwner {
  /** One datagram, `bytes[from, to)`, never written again; `receivedAt` is microseconds since 1970. False where there is no room for more. */
  datagram(bytes: Buffer, from: number, to: number, receivedAt: number, address: string, port: number): boolean;
  /** One that could not be kept. */
  lost(reason: string): void;
  lastError(message: string): void;
}
