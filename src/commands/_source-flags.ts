/** The flags for the input of queries: files, a database, interfaces, or HEP as it arrives. */
import { Args, Flags } from '@oclif/core';
import { ageSeconds } from '../lib/config/amount.js';
import type { SourceChoice } from '../lib/service/source-choice.js';
import { listenFlags, listenerSettings } from './_listen-flags.js';

const helpGroup = 'INPUT';

export const sourceFlags = {
  read: Flags.string({
    char: 'r',
    helpValue: 'FILE',
    multiple: true,
    summary: 'capture files, in any order; - is standard input',
    helpGroup,
  }),
  db: Flags.string({
    helpValue: 'URL',
    env: 'SIPCAP_DB',
    summary: 'database: sqlite:PATH, mysql://…, postgres://… or clickhouse://… (db_url); only read',
    helpGroup,
  }),
  interface: Flags.string({
    char: 'i',
    helpValue: 'IF',
    multiple: true,
    multipleNonGreedy: true,
    summary: 'what arrives now on this interface (any: all of them); may be repeated',
    helpGroup,
  }),
  'hep-listen': Flags.string({
    helpValue: 'ENDPOINT',
    multiple: true,
    multipleNonGreedy: true,
    summary: 'what arrives now as HEP at hep_udp:host:port, hep_tcp:… or hep_tls:…; may be repeated',
    helpGroup,
  }),
  port: Flags.string({ helpValue: 'RANGE', summary: 'files and interfaces: only these ports: 5060, 5060-5090', helpGroup }),
  'parse-hep': Flags.boolean({
    char: 'E',
    summary: 'files and interfaces: decode HEP found in them, and take the messages inside',
    helpGroup,
  }),
  duration: Flags.string({
    helpValue: 'TIME',
    default: '0',
    defaultHelp: async () => undefined,
    summary: 'interfaces and listeners: stop after this long (30s, 5m)',
    helpGroup,
  }),
  'auth-key': Flags.string({
    helpValue: 'KEY',
    default: '',
    env: 'SIPCAP_AUTH_KEY',
    summary: 'HEP: reject packets without this key (chunk 0x000e)',
    helpGroup: 'LISTENER',
  }),
  ...listenFlags,
};

export const fileArgs = {
  file: Args.string({ description: 'capture files, as with -r', ignoreStdin: true }),
};

/** Files of -r, and those that stand without it. */
export function filesOf(read: string[] | undefined, argv: readonly unknown[]): string[] | undefined {
  return argv.length === 0 ? read : [...(read ?? []), ...(argv as string[])];
}

export interface SourceValues {
  read?: string[];
  db?: string;
  interface?: string[];
  'hep-listen'?: string[];
  'parse-hep': boolean;
  duration: string;
}

/** The database from the environment is the input unless another one is given. */
export function sourceChoice(flags: SourceValues & Parameters<typeof listenerSettings>[0], ports: SourceChoice['ports']): SourceChoice {
  const files = flags.read ?? [];
  const interfaces = [...new Set(flags.interface ?? [])];
  const listeners = flags['hep-listen'] ?? [];
  const isOther = files.length + interfaces.length + listeners.length > 0;
  return {
    files,
    db: flags.db === undefined || (isOther && flags.db === process.env.SIPCAP_DB) ? '' : flags.db,
    interfaces,
    listeners,
    listening: listenerSettings(flags),
    ports,
    parseHep: flags['parse-hep'],
    durationSeconds: ageSeconds(flags.duration),
  };
}
