/**
 * Segments with unreadable content. They keep their bytes under another name, which sipcap never reads again, and
 * count towards the size of the spool; beyond a share of it the oldest are deleted, so that damage cannot fill a disk.
 */
import { existsSync, readdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { deleteIfThere } from './delete-if-there.js';

/** Added to the names of such segments. */
const SUFFIX = '.damaged';

/** Names of the files, the oldest first. */
export function listSetAside(directory: string): string[] {
  return readdirSync(directory)
    .filter((name) => name.includes(`.spool${SUFFIX}`))
    .sort();
}

export class SetAside {
  private readonly files: { path: string; bytes: number }[] = [];

  constructor(directory: string) {
    if (!existsSync(directory)) return;
    for (const name of listSetAside(directory)) {
      const path = join(directory, name);
      this.files.push({ path, bytes: statSync(path, { throwIfNoEntry: false })?.size ?? 0 });
    }
  }

  get bytes(): number {
    return this.files.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Renames the segment; returns its new path. */
  add(path: string, bytes: number): string {
    let target = path + SUFFIX;
    for (let i = 2; existsSync(target); i++) target = `${path}${SUFFIX}-${i}`;
    renameSync(path, target);
    this.files.push({ path: target, bytes });
    return target;
  }

  /** Deletes the oldest beyond this many bytes; returns their paths. */
  bound(maxBytes: number): string[] {
    const deleted: string[] = [];
    while (this.files.length > 0 && this.bytes > maxBytes) {
      const { path } = this.files.shift()!;
      deleteIfThere(path);
      deleted.push(path);
    }
    return deleted;
  }
}
