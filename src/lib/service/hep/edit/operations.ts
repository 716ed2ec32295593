/** The operations on each packet, in the order of the command line, checked before the first packet is read. */
import { readFileSync } from 'node:fs';
import { UsageError, systemErrorText } from '../../../base/index.js';
import { isRefusal, parseChunkName, parseSet, type ChunkAssignment, type ChunkName } from '../../../hep/index.js';

export interface WrittenOperation {
  kind: 'set' | 'get' | 'del';
  text: string;
}

export type Operation = { kind: 'set'; assignment: ChunkAssignment } | { kind: 'get'; name: ChunkName } | { kind: 'del'; name: ChunkName };

/** Throws a UsageError that names the option and its error. */
export function readOperations(written: readonly WrittenOperation[], force: boolean): Operation[] {
  return written.map(({ kind, text }) => {
    const read = kind === 'set' ? parseSet(text, { force, load }) : parseChunkName(text);
    if (isRefusal(read)) throw new UsageError(`--${kind} ${text}: ${read.refused}`);
    if (kind === 'set') return { kind, assignment: read as ChunkAssignment };
    return { kind, name: read as ChunkName };
  });
}

function load(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new UsageError(`cannot read ${path}: ${systemErrorText(error)}`);
  }
}
