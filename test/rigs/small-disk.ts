/** A small file system on a folder, to be filled. */
import { execFileSync } from 'node:child_process';
import { closeSync, openSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** True if it could be mounted: needs root, and permission to mount in a container. `size` as for mount(8). */
export function mountSmallDisk(directory: string, size = '1m'): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=0700`, 'tmpfs', directory], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

export function unmountDisk(directory: string): void {
  execFileSync('umount', [directory]);
}

/** Fills it completely; `emptyDisk` frees the space. */
export function fillDisk(directory: string): void {
  const descriptor = openSync(join(directory, 'filler'), 'w');
  try {
    for (const bytes of [Buffer.alloc(1 << 20), Buffer.alloc(1 << 12)]) fillWith(descriptor, bytes);
  } finally {
    closeSync(descriptor);
  }
}

function fillWith(descriptor: number, bytes: Buffer): void {
  try {
    for (;;) writeSync(descriptor, bytes);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}

export function emptyDisk(directory: string): void {
  unlinkSync(join(directory, 'filler'));
}
