/** The file of `--names`. */
import { readFileSync } from 'node:fs';
import { UsageError, systemErrorText } from '../../base/index.js';
import { Names } from '../../calls/index.js';

/** Null where no file is named. */
export function readNames(file: string): Names | null {
  if (file === '') return null;
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`cannot read --names ${file}: ${systemErrorText(error)}`);
  }
  return new Names(text, file);
}
