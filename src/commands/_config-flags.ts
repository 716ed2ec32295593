/** Settings on top of a configuration file. */
import { Flags } from '@oclif/core';

export const configFlags = {
  set: Flags.string({
    helpValue: 'NAME=VALUE',
    multiple: true,
    multipleNonGreedy: true,
    summary: 'override a setting (table_name=calls, mi.fifo=/run/sipcap/fifo); may be repeated',
  }),
  'unknown-functions': Flags.option({ options: ['error', 'skip'] as const })({
    summary: 'functions of other OpenSIPS modules in the routes: report an error, or skip and count them (unknown_functions)',
  }),
};

export function settingFlags(flags: { set?: string[]; 'unknown-functions'?: string }): { name: string; path: string; value: string }[] {
  const given = (flags.set ?? []).map((text) => ({
    name: `--set ${text.split('=')[0]}`,
    path: text.split('=')[0],
    value: text.slice(text.indexOf('=') + 1),
  }));
  const { 'unknown-functions': functions } = flags;
  return functions === undefined ? given : [...given, { name: '--unknown-functions', path: 'unknown_functions', value: functions }];
}

/** Of `config check` and `serve --check`. */
export function checkOptions(file: string, flags: { set?: string[]; 'unknown-functions'?: 'error' | 'skip'; quiet: boolean }) {
  return {
    file,
    set: flags.set ?? [],
    environment: process.env,
    json: false,
    unknownFunctions: flags['unknown-functions'],
    errorsOnly: flags.quiet,
  };
}
