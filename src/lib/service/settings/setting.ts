/** One setting: its kind, what holds where nothing is said, what it means. zod looks after the shape around it. */
import { z } from 'zod';
import { UsageError } from '../../base/index.js';
import { PartMistakes, type Kind, type Leaf } from './kind.js';

export interface Traits {
  /** Never shown. `part`: only the password in it is hidden. */
  secret?: 'all' | 'part';
  /** Relative to the folder of the file it is written in. */
  isPath?: boolean;
  /** Where it is given once more, it grows. */
  isList?: boolean;
  /** Text of many lines, shown by its place alone. */
  isLong?: boolean;
}

export interface SettingMeta extends Traits {
  summary: string;
}

export function setting<T>(kind: Kind<T>, standard: T, summary: string, traits: Traits = {}) {
  const reader = z.unknown().transform((leaf, context): T => {
    try {
      return kind.read(leaf as Leaf);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      const parts = error instanceof PartMistakes ? error.parts : [{ part: null, message: error.message }];
      for (const { part, message } of parts) context.addIssue({ code: 'custom', message, path: part === null ? [] : [part] });
      return z.NEVER;
    }
  });
  const meta: SettingMeta = { ...traits, summary };
  return reader.default(standard as never).meta({ ...kind.json, sipcap: meta });
}
