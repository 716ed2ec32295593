/** Settings on top of a configuration file. */
import { Flags } from '@oclif/core';

export const configFlags = {
  set: Flags.string({
    helpValue: 'NAME=VALUE',
    multiple: true,
    multipleNonGreedy: true,
    summary: 'override a setting (table_name=calls, mi.fifo=/run/sipcap/fifo); may be repeated',
  }),
};
