/** One setting: its kind, what holds where nothing is said, what it means. zod looks after the shape around it. */
import { z } from 'zod';
import { UsageError } from '../base/index.js';
import { PartErrors, type ValueType, type RawValue } from './kind.js';

export interface SettingOptions {
  /** Never shown. `part`: only the password in it is hidden. */
  secret?: 'all' | 'part';
  /** Relative to the folder of the file it is written in. */
  isPath?: boolean;
  /** Where it is given once more, it grows. */
  isList?: boolean;
  /** Text of many lines, shown by its place alone. */
  isLong?: boolean;
}

export interface SettingMeta extends SettingOptions {
  summary: string;
}

export function setting<T>(kind: ValueType<T>, defaultValue: T, summary: string, traits: SettingOptions = {}) {
  const reader = z.unknown().transform((leaf, context): T => {
    try {
      return kind.read(leaf as RawValue);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      const parts = error instanceof PartErrors ? error.parts : [{ part: null, message: error.message }];
      for (const { part, message } of parts) context.addIssue({ code: 'custom', message, path: part === null ? [] : [part] });
      return z.NEVER;
    }
  });
  const meta: SettingMeta = { ...traits, summary };
  return reader.default(defaultValue as never).meta({ ...kind.json, sipcap: meta });
}
