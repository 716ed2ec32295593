/**
 * Replies go into FIFOs that clients create in one folder. Nothing else is ever written to: no link is followed, what was
 * opened is checked again, and a world-writable folder is refused.
 */
import { closeSync, constants, existsSync, fstatSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { UsageError } from '../../base/index.js';

const { O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY } = constants;
/** As OpenSIPS: a client may be a little late in opening its end. */
const TRIES = 4;
const PAUSE_MS = 80;
/** Interval for retrying a full FIFO; a client that reads too slowly does not get the rest. */
const WAIT_MS = 20;
const MAX_WAITS = 100;
const WRITABLE_BY_OTHERS = 0o002;
const STICKY = 0o1000;

/** Throws a UsageError if the folder is missing, a link, or world-writable without the sticky bit. */
export function checkReplyDirectory(directory: string): void {
  closeSync(openDirectory(directory));
}

/** Writes the reply into the FIFO of that name; throws an Error that says why it could not. */
export async function writeReply(directory: string, name: string, text: string): Promise<void> {
  if (name === '' || name.startsWith('.') || /[/\\\0]/.test(name)) throw new Error('invalid name of a reply FIFO');
  const descriptor = await opened(directory, name);
  try {
    let waits = 0;
    for (let bytes = Buffer.from(text); bytes.length > 0;) {
      const written = writeSome(descriptor, bytes);
      bytes = bytes.subarray(written);
      if (written > 0) continue;
      if (++waits > MAX_WAITS) throw new Error('the client does not read');
      await sleep(WAIT_MS);
    }
  } finally {
    closeSync(descriptor);
  }
}

async function opened(directory: string, name: string): Promise<number> {
  for (let tries = 1; ; tries++) {
    try {
      return openFifo(directory, name);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (tries === TRIES || (code !== 'ENXIO' && code !== 'ENOENT')) throw error;
      await sleep(PAUSE_MS);
    }
  }
}

function openFifo(directory: string, name: string): number {
  const folder = openDirectory(directory);
  try {
    // Relative to the folder that was checked, even if its path has been replaced since.
    const path = existsSync('/proc/self/fd') ? `/proc/self/fd/${folder}/${name}` : join(directory, name);
    const descriptor = openSync(path, O_WRONLY | O_NONBLOCK | O_NOFOLLOW);
    const found = fstatSync(descriptor);
    if (found.isFIFO() && found.nlink === 1) return descriptor;
    closeSync(descriptor);
    throw new Error('not a FIFO with a single name');
  } finally {
    closeSync(folder);
  }
}

function openDirectory(directory: string): number {
  let descriptor: number;
  try {
    descriptor = openSync(directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  } catch (error) {
    throw new UsageError(`cannot open mi.reply_directory ${directory}: ${(error as Error).message}`);
  }
  const { mode } = fstatSync(descriptor);
  if ((mode & WRITABLE_BY_OTHERS) === 0 || (mode & STICKY) !== 0) return descriptor;
  closeSync(descriptor);
  throw new UsageError(`mi.reply_directory ${directory} is writable by everybody: use a folder of the node's own (chmod o-w)`);
}

function writeSome(descriptor: number, bytes: Buffer): number {
  try {
    return writeSync(descriptor, bytes);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return 0;
    throw error;
  }
}
