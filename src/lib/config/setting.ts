/** One setting: its type, its default, its meaning. zod checks the shape around it. */
import { z } from 'zod';
import { UsageError } from '../base/index.js';
import { PartErrors, type ValueType, type RawValue } from './kind.js';

export interface SettingOptions {
  /** Never shown. `part`: only the password in it is hidden. */
  secret?: 'all' | 'part';
  /** Relative to the directory of the configuration file. */
  isPath?: boolean;
  /** Repeating it appends. */
  isList?: boolean;
  /** Multi-line text, shown only by its position. */
  isLong?: boolean;
}

export interface SettingMeta extends SettingOptions {
  summary: string;
  /** The text of a value, if the value itself cannot be read back. */
  write?(value: unknown): string;
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
  const meta: SettingMeta = { ...traits, summary, ...(kind.write === undefined ? {} : { write: kind.write as SettingMeta['write'] }) };
  return reader.default(defaultValue as never).meta({ ...kind.json, sipcap: meta });
}
