/** Spools of processes that an earlier run had and this one does not (`--processes` was lowered): the first process delivers them. */
import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { findSpools, hasSegments } from '../../sink/spool/index.js';
import type { HepTargetOptions } from './hep-output.js';
import type { OutputSpec } from './output.js';

/** Folder of the nth process within a spool; the first uses the spool itself. */
const FOLDER = /^child-(\d+)$/;

/** The spool of the nth process; that of the first is a single process's, too. */
export function processSpool(spool: string, index: number): string {
  return spool === '' || index === 0 ? spool : join(spool, `child-${index}`);
}

/** The folders in which something waits. */
export function leftSpools(spool: string, processes: number): string[] {
  if (spool === '' || !existsSync(spool)) return [];
  return readdirSync(spool, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && Number(FOLDER.exec(entry.name)?.[1] ?? -1) >= processes)
    .map(({ name }) => join(spool, name))
    .filter((folder) => findSpools(folder).some(hasSegments))
    .sort();
}

/** The outputs that `make` describes for each of these folders: they get no messages, and deliver what waits. */
export function leftSpecs(folders: readonly string[], hep: HepTargetOptions, make: (hep: HepTargetOptions) => OutputSpec[]): OutputSpec[] {
  return folders.flatMap((folder) =>
    make({ ...hep, spool: folder }).map((spec): OutputSpec => {
      const name = `${spec.name} (${basename(folder)})`;
      return { ...spec, key: `drain ${spec.key}`, name, role: 'drain' };
    }),
  );
}
