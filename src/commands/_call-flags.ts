/** The flags that `call list`, `show`, `export` and `stats` share: where messages come from, and which calls are wanted. */
import { Flags } from '@oclif/core';
import { UsageError } from '../lib/base/fault.js';
import { ageSeconds, sizeBytes } from '../lib/config/amount.js';
import { listenFlags, listenerSettings } from './_listen-flags.js';

const SOURCE = 'INPUT';
const CALLS = 'CALLS';
const MAX_SNAP_BYTES = 262_144;

export const callSourceFlags = {
  read: Flags.string({
    char: 'r',
    helpValue: 'FILE',
    multiple: true,
    summary: 'capture files, in any order; - is standard input',
    helpGroup: SOURCE,
  }),
  interface: Flags.string({
    char: 'i',
    helpValue: 'IF',
    multiple: true,
    multipleNonGreedy: true,
    summary: 'capture on this interface (any: all of them); may be repeated',
    helpGroup: SOURCE,
  }),
  'hep-listen': Flags.string({
    helpValue: 'ENDPOINT',
    multiple: true,
    multipleNonGreedy: true,
    summary: 'receive HEP: hep_udp:host:port, hep_tcp:… or hep_tls:…; may be repeated',
    helpGroup: SOURCE,
  }),
  port: Flags.string({
    helpValue: 'RANGE',
    default: '',
    summary: 'captures: only these ports: 5060, 5060-5090, or several separated by commas',
    helpGroup: SOURCE,
  }),
  'parse-hep': Flags.boolean({ char: 'E', summary: 'captures: decode HEP, and take the messages inside', helpGroup: SOURCE }),
  filter: Flags.string({
    char: 'f',
    helpValue: 'BPF',
    default: '',
    summary: 'interfaces: kernel filter in tcpdump syntax',
    helpGroup: SOURCE,
  }),
  'buffer-size': Flags.string({ helpValue: 'SIZE', default: '32M', summary: 'interfaces: size of the kernel buffer', helpGroup: SOURCE }),
  'auth-key': Flags.string({
    helpValue: 'KEY',
    default: '',
    env: 'SIPCAP_AUTH_KEY',
    summary: 'HEP: reject packets without this key (chunk 0x000e)',
    helpGroup: SOURCE,
  }),
  ...listenFlags,
  duration: Flags.string({
    helpValue: 'TIME',
    default: '0',
    defaultHelp: async () => undefined,
    summary: 'interfaces and HEP: stop after this long (30s, 5m)',
    helpGroup: SOURCE,
  }),
  tz: Flags.string({
    helpValue: 'ZONE',
    default: '',
    summary: 'time zone of texts (UTC, Europe/Berlin); default: local',
    helpGroup: 'OUTPUT',
  }),
  quiet: Flags.boolean({ char: 'q', summary: 'no summary, no progress bar', helpGroup: 'OUTPUT' }),
  summary: Flags.option({ options: ['full', 'short', 'json', 'none'] as const, default: 'none' as const })({
    summary: 'summary format on standard error',
    helpGroup: 'OUTPUT',
  }),
};

export const callCriteriaFlags = {
  state: Flags.string({
    helpValue: 'STATE',
    multiple: true,
    multipleNonGreedy: true,
    delimiter: ',',
    summary: 'calls in this state (ended, busy, cancelled, lost, …); may be repeated',
    helpGroup: CALLS,
  }),
  flag: Flags.string({
    helpValue: 'FLAG',
    multiple: true,
    multipleNonGreedy: true,
    delimiter: ',',
    summary: 'calls with this flag (no-ack, no-bye, cancel-race, glare, forked, …); may be repeated',
    helpGroup: CALLS,
  }),
  status: Flags.string({
    helpValue: 'STATUS',
    multiple: true,
    multipleNonGreedy: true,
    delimiter: ',',
    summary: 'calls with this final status: 486, 4xx, 400-499; may be repeated',
    helpGroup: CALLS,
  }),
  failed: Flags.boolean({ summary: 'calls whose final status is 400 or above, except 401, 407 and 487', helpGroup: CALLS }),
  'min-duration': Flags.string({ helpValue: 'TIME', summary: 'talking time of at least this (90s, 5m)', helpGroup: CALLS }),
  'max-duration': Flags.string({ helpValue: 'TIME', summary: 'talking time of at most this', helpGroup: CALLS }),
  'min-ringing': Flags.string({ helpValue: 'TIME', summary: 'ringing time of at least this', helpGroup: CALLS }),
  kind: Flags.string({
    helpValue: 'KIND',
    multiple: true,
    multipleNonGreedy: true,
    delimiter: ',',
    summary: 'only call, registration, subscription or other, or groups that this method began (OPTIONS); may be repeated',
    helpGroup: CALLS,
  }),
};

type SourceValues = Parameters<typeof listenerSettings>[0] & {
  read?: string[];
  interface?: string[];
  'hep-listen'?: string[];
  'parse-hep': boolean;
  filter: string;
  'buffer-size': string;
  'auth-key': string;
  duration: string;
  tz: string;
  quiet: boolean;
  summary: 'full' | 'short' | 'json' | 'none';
};

export function callSourceOptions(flags: SourceValues) {
  if ((flags.read ?? []).filter((file) => file === '-').length > 1) throw new UsageError('standard input (-r -) can be read only once');
  return {
    files: flags.read ?? [],
    interfaces: [...new Set(flags.interface ?? [])],
    listeners: flags['hep-listen'] ?? [],
    parseHep: flags['parse-hep'],
    live: {
      filter: flags.filter,
      promiscuous: true,
      snapLength: MAX_SNAP_BYTES,
      bufferBytes: sizeBytes(flags['buffer-size']),
    },
    listening: listenerSettings(flags),
    authKey: flags['auth-key'],
    durationSeconds: ageSeconds(flags.duration),
    timeZone: flags.tz,
    quiet: flags.quiet,
    summary: flags.summary,
  };
}

interface CriteriaValues {
  state?: string[];
  flag?: string[];
  status?: string[];
  failed: boolean;
  'min-duration'?: string;
  'max-duration'?: string;
  'min-ringing'?: string;
  kind?: string[];
}

export function callCriteria(flags: CriteriaValues) {
  const milliseconds = (text: string | undefined) => (text === undefined ? null : ageSeconds(text) * 1000);
  return {
    states: flags.state ?? [],
    flags: flags.flag ?? [],
    kinds: flags.kind ?? [],
    status: flags.status ?? [],
    failed: flags.failed,
    minDurationMs: milliseconds(flags['min-duration']),
    maxDurationMs: milliseconds(flags['max-duration']),
    minRingingMs: milliseconds(flags['min-ringing']),
  };
}
