/** The flags shared by `call list`, `show`, `export` and `stats`: the input, and which calls are selected. */
import { Args, Flags } from '@oclif/core';
import { ageSeconds } from '../lib/config/amount.js';
import type { PortRange } from '../lib/base/endpoint.js';
import { filterFlags, filterOptions, type FilterValues } from './_filter-flags.js';
import { sourceChoice, sourceFlags, type SourceValues } from './_source-flags.js';

const helpGroup = 'CALLS';
const several = { multiple: true, multipleNonGreedy: true, delimiter: ',', helpGroup } as const;

const severalMessages = { multiple: true, multipleNonGreedy: true, helpGroup: 'FILTER' } as const;

// A filter of calls neither adds nor removes reports, and a truncated message yields to its complete form.
// eslint-disable-next-line @typescript-eslint/no-unused-vars
const { 'keep-reports': _, 'whole-only': __, ...messageFlags } = filterFlags;

export const callFlags = {
  ...sourceFlags,
  table: Flags.string({
    helpValue: 'NAME',
    default: '',
    summary: 'database: table of SIP messages, strftime suffix allowed; default: all that are found',
    helpGroup: 'INPUT',
  }),
  ...messageFlags,
  where: Flags.string({
    helpValue: 'CONDITION',
    default: '',
    summary: 'calls with a message that fulfils this condition of route scripts: \'$ua =~ "^friendly"\'',
    helpGroup: 'FILTER',
  }),
  status: Flags.string({
    ...severalMessages,
    helpValue: 'CODE',
    summary: 'final status of the call: 486, 4xx, 400-499, >=400, or several separated by commas',
  }),
  reply: Flags.string({ ...severalMessages, helpValue: 'CODE', summary: 'calls with such a reply: 486, 4xx, 400-499, >=400' }),
  state: Flags.string({
    ...several,
    helpValue: 'STATE',
    summary: 'calls in this state (ended, busy, cancelled, lost, …); may be repeated',
  }),
  flag: Flags.string({
    ...several,
    helpValue: 'FLAG',
    summary: 'calls with this flag (no-ack, no-bye, cancel-race, glare, forked, …); may be repeated',
  }),
  failed: Flags.boolean({ summary: 'calls whose final status is 400 or above, except 401, 407 and 487', helpGroup }),
  'min-duration': Flags.string({ helpValue: 'TIME', summary: 'talking time of at least this (90s, 5m)', helpGroup }),
  'max-duration': Flags.string({ helpValue: 'TIME', summary: 'talking time of at most this', helpGroup }),
  'min-ringing': Flags.string({ helpValue: 'TIME', summary: 'ringing time of at least this', helpGroup }),
  kind: Flags.string({
    ...several,
    helpValue: 'KIND',
    summary: 'only call, registration, subscription or other, or groups that this method began (OPTIONS); may be repeated',
  }),
  quiet: Flags.boolean({ char: 'q', summary: 'no summary, no progress bar', helpGroup: 'OUTPUT' }),
  summary: Flags.option({ options: ['full', 'short', 'json', 'none'] as const, default: 'none' as const })({
    summary: 'summary format on standard error',
    helpGroup: 'OUTPUT',
  }),
};

/** Of the commands that print a row for each call or group of calls. */
export const rowFlags = {
  explain: Flags.boolean({
    summary: 'database: print the SQL, and what is tested in each message, instead of searching',
    helpGroup: 'FILTER',
  }),
  format: Flags.option({ options: ['table', 'csv', 'json'] as const, default: 'table' as const })({
    summary: 'output format; json is one object per line',
    helpGroup: 'OUTPUT',
  }),
  'csv-raw': Flags.boolean({
    summary: 'no leading apostrophe in CSV cells that a spreadsheet would run as a formula (control characters stay escaped)',
    helpGroup: 'OUTPUT',
  }),
};

export const callIdArgs = {
  callid: Args.string({ description: 'Call-IDs; without one the calls that --latest or the flags of CALLS choose', ignoreStdin: true }),
};

/** The flags that select calls for ladders and exports, with their legs. */
export const choiceFlags = {
  latest: Flags.boolean({ summary: 'the newest call', helpGroup }),
  'leg-header': Flags.string({
    helpValue: 'NAME[:REGEX]',
    multiple: true,
    multipleNonGreedy: true,
    summary: 'header that legs have in common, or the part of it that the pattern matches; may be repeated',
    helpGroup: 'LEGS',
  }),
  'guess-legs': Flags.boolean({ summary: 'also legs that only agree in numbers, hosts and times; marked as a guess', helpGroup: 'LEGS' }),
  single: Flags.boolean({ summary: 'no other legs', helpGroup: 'LEGS' }),
};

type CallValues = Omit<FilterValues, 'keep-reports' | 'whole-only'> &
  SourceValues &
  Parameters<typeof sourceChoice>[0] & {
    'auth-key': string;
    table: string;
    quiet: boolean;
    summary: 'full' | 'short' | 'json' | 'none';
    state?: string[];
    flag?: string[];
    failed: boolean;
    'min-duration'?: string;
    'max-duration'?: string;
    'min-ringing'?: string;
    kind?: string[];
  };

export function callOptions(flags: CallValues, ports: readonly PortRange[]) {
  const milliseconds = (text: string | undefined) => (text === undefined ? null : ageSeconds(text) * 1000);
  return {
    source: sourceChoice(flags, ports),
    table: flags.table,
    authKey: flags['auth-key'],
    filter: filterOptions({ ...flags, 'keep-reports': false, 'whole-only': false }),
    criteria: {
      states: flags.state ?? [],
      flags: flags.flag ?? [],
      kinds: flags.kind ?? [],
      failed: flags.failed,
      minDurationMs: milliseconds(flags['min-duration']),
      maxDurationMs: milliseconds(flags['max-duration']),
      minRingingMs: milliseconds(flags['min-ringing']),
    },
    quiet: flags.quiet,
    summary: flags.summary,
  };
}

type ChoiceValues = { latest: boolean; 'leg-header'?: string[]; 'guess-legs': boolean; single: boolean; limit: number };

/** `argv` are the Call-IDs. */
export function choiceOptions(flags: ChoiceValues, argv: unknown[]) {
  const { latest, single, limit } = flags;
  return { callIds: argv as string[], latest, single, limit, legHeaders: flags['leg-header'] ?? [], guessLegs: flags['guess-legs'] };
}
