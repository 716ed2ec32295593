/** The vocabulary of scripts in one list: help and documentation show exactly what the checker accepts. */
import { FOREIGN_FUNCTIONS, IDLE_FUNCTIONS } from './foreign-functions.js';
import { FUNCTIONS } from './functions.js';
import { TRANSFORMATIONS } from './transformations.js';
import { VARIABLES } from './variables.js';

export interface ScriptWord {
  kind: 'function' | 'variable' | 'transformation';
  /** As written: `is_method("INVITE|BYE")`, `$avp(name)`, `{s.substr,offset,[length]}`. */
  usage: string;
  meaning: string;
  /** Implemented; allowed without effect; or an error unless `unknown_functions: skip`. */
  support: 'full' | 'no effect' | 'not available';
}

export const SCRIPT_WORDS: readonly ScriptWord[] = [
  ...FUNCTIONS.map(({ usage, meaning }): ScriptWord => ({ kind: 'function', usage, meaning, support: 'full' })),
  ...[...IDLE_FUNCTIONS].map(([name, meaning]): ScriptWord => ({ kind: 'function', usage: `${name}()`, meaning, support: 'no effect' })),
  ...[...FOREIGN_FUNCTIONS].map(([name, { module, code }]): ScriptWord => ({
    kind: 'function',
    usage: `${name}()`,
    meaning: `${module}; returns ${code} if skipped`,
    support: 'not available',
  })),
  ...VARIABLES.map(({ name, argument, meaning, isAbsent }): ScriptWord => ({
    kind: 'variable',
    usage:
      argument === 'none'
        ? `$${name}`
        : argument === 'perhaps'
          ? `$${name}[(part)]`
          : `$${name}(${argument === 'header' ? 'name' : argument})`,
    meaning,
    support: isAbsent ? 'no effect' : 'full',
  })),
  ...TRANSFORMATIONS.map(({ name, usage, meaning }): ScriptWord => ({
    kind: 'transformation',
    usage: `{${name}${usage === '' ? '' : `,${usage}`}}`,
    meaning,
    support: 'full',
  })),
];
