/** A file system of one mebibyte on a folder, to be filled. */
import { execFileSync } from 'node:child_process';

/** True where it could be mounted: needs root, and no container in the way. */
export function mountSmallDisk(directory: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m,mode=0700', 'tmpfs', directory], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

export function unmountDisk(directory: string): void {
  execFileSync('umount', [directory]);
}
