/**
 * Two processes never share a spool. A listening socket in Linux' abstract name space, named after the
 * directory's inode, is the lock proper: the kernel gives it to one process and takes it back when that
 * process ends, however it ends. The lock file beside it names the owner, and holds between containers
 * that share the directory but not the network, and on systems without such sockets.
 */
import { linkSync, readFileSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { UsageError } from '../../base/index.js';
import { isAlive, markText, ownMark, parseMark, type ProcessMark } from './process-mark.js';

const NAME = 'lock';

export interface SpoolLock {
  release(): Promise<void>;
}

/** Throws a UsageError that names the other process where one has the spool. */
export async function lockSpool(directory: string): Promise<SpoolLock> {
  const server = await listen(directory);
  try {
    takeFile(directory);
  } catch (error) {
    server?.close();
    throw error;
  }
  return { release: () => release(directory, server) };
}

/** The living process that has the spool, or null. */
export function lockOwner(directory: string): ProcessMark | null {
  try {
    const mark = parseMark(readFileSync(join(directory, NAME), 'latin1'));
    return mark !== null && isAlive(mark) ? mark : null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function listen(directory: string): Promise<Server | null> {
  if (process.platform !== 'linux') return Promise.resolve(null);
  const { dev, ino } = statSync(directory);
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'EADDRINUSE' ? taken(directory, lockOwner(directory)) : error);
    });
    server.listen({ path: `\0sipcap-spool-${dev}-${ino}`, exclusive: true }, () => resolve(server));
    server.unref();
  });
}

/** The file appears under its name with its content at once (link), so nobody reads a half-written one. */
function takeFile(directory: string): void {
  const path = join(directory, NAME);
  const own = `${path}.${process.pid}`;
  writeFileSync(own, markText(ownMark()), { mode: 0o640 });
  try {
    const owner = lockOwner(directory);
    if (owner !== null) throw taken(directory, owner);
    removeIfThere(path); // left by a process that was killed
    linkSync(own, path);
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'EEXIST' ? taken(directory, lockOwner(directory)) : error;
  } finally {
    removeIfThere(own);
  }
}

async function release(directory: string, server: Server | null): Promise<void> {
  removeIfThere(join(directory, NAME));
  if (server !== null) await new Promise<void>((resolve) => server.close(() => resolve()));
}

function taken(directory: string, owner: ProcessMark | null): UsageError {
  const who = owner === null ? 'another process' : `process ${owner.pid}`;
  return new UsageError(`the spool ${directory} is in use by ${who}: two processes cannot share a spool`);
}

function removeIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
