/** UNIX datagram sockets, which Node has not: by the optional package node-unix-socket, where it is installed. */
import { chmodSync, lstatSync, rmSync } from 'node:fs';
import { UsageError } from '../../base/index.js';

export interface UnixDatagram {
  bind(path: string): void;
  sendTo(bytes: Buffer, offset: number, length: number, path: string, done?: (error?: Error) => void): void;
  /** `data` with the bytes and the sender's path ('' where it has none), and `error`. */
  on(event: 'data', listener: (bytes: Buffer, path: string) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  close(): void;
}

const MODE = 0o660;

/** A socket bound to the path, which whoever ran before may have left there. Its mode is 0660. */
export async function unixDatagram(path: string): Promise<UnixDatagram> {
  let made: UnixDatagram;
  try {
    const { DgramSocket } = await import('node-unix-socket');
    made = new DgramSocket() as UnixDatagram;
  } catch {
    throw new UsageError(
      `${path}: UNIX datagram sockets need the package node-unix-socket (npm install node-unix-socket); or write udp:address:port`,
    );
  }
  try {
    if (lstatSync(path, { throwIfNoEntry: false })?.isSocket() === true) rmSync(path);
    made.bind(path);
    chmodSync(path, MODE);
  } catch (error) {
    made.close();
    throw new UsageError(`cannot listen on ${path}: ${(error as Error).message}`);
  }
  return made;
}

/** The path of a setting like `/run/sipcap.sock` or `unix:/run/sipcap.sock`; '' where it is another kind of socket. */
export function unixPath(where: string): string {
  return /^(?:unix:)?(\/.*)$/i.exec(where)?.[1] ?? '';
}
