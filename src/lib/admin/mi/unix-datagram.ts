/** UNIX datagram sockets, which Node lacks: through the optional package node-unix-socket, where it is installed. */
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

/** A socket bound to the path, replacing one left by an earlier run. */
export async function unixDatagram(path: string, mode = 0o660): Promise<UnixDatagram> {
  let made: UnixDatagram;
  try {
    // Its own types are missing where the package is.
    const { DgramSocket } = (await import('node-unix-socket' as string)) as { DgramSocket: new () => UnixDatagram };
    made = new DgramSocket();
  } catch {
    throw new UsageError(
      `${path}: UNIX datagram sockets need the package node-unix-socket (npm install node-unix-socket); or use udp:127.0.0.1:PORT`,
    );
  }
  try {
    if (lstatSync(path, { throwIfNoEntry: false })?.isSocket() === true) rmSync(path);
    made.bind(path);
    chmodSync(path, mode);
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
