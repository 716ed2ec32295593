/** The flags that every capturing command shares: where messages go, what is told at the end. */
import { Flags } from '@oclif/core';
import { UsageError } from '../lib/base/fault.js';
import type { RunOptions } from '../lib/pipeline/options.js';
import { parseHepRate } from '../lib/pipeline/output/hep-rate.js';
import { ageSeconds, sizeBytes } from '../lib/config/amount.js';
import { routeChoice } from './_route-flags.js';
import { databaseFlags, databaseOptions, type DatabaseValues } from './_database-flags.js';

/** How packets for HEP targets are made and kept. */
function hepFlags(helpGroup: string) {
  return {
    'hep-version': Flags.option({ options: ['1', '2', '3'] as const, default: '3' as const })({
      summary: 'version of packets that we make',
      helpGroup,
    }),
    'hep-id': Flags.integer({
      helpValue: 'N',
      default: 1,
      min: 0,
      max: 4_294_967_295,
      summary: 'capture agent id (hep_capture_id)',
      helpGroup,
    }),
    'hep-name': Flags.string({ helpValue: 'NAME', default: '', summary: 'capture agent name (chunk 0x0013)', helpGroup }),
    'hep-key': Flags.string({
      helpValue: 'KEY',
      default: '',
      env: 'SIPCAP_HEP_KEY',
      summary: 'authentication key (chunk 0x000e)',
      helpGroup,
    }),
    'hep-correlation': Flags.string({
      helpValue: 'RULE',
      default: 'call-id',
      summary: 'correlation id of SIP that brings none: call-id, none, or header:NAME',
      helpGroup,
    }),
    'hep-compress': Flags.boolean({ summary: 'send payloads with gzip (chunk 0x0010)', helpGroup }),
    ...spoolFlags(helpGroup),
  };
}

/** The durable spool of HEP targets, and TLS to them. */
export function spoolFlags(helpGroup: string) {
  return {
    spool: Flags.string({
      helpValue: 'DIR',
      default: '',
      summary: 'keep what cannot be sent in this folder, and send it when the target is back',
      helpGroup,
    }),
    'hep-rate': Flags.string({
      helpValue: 'N|capture',
      default: '2000',
      summary: 'files and standard input over UDP: packets a second, capture for the captured pace, or 0 for no limit',
      helpGroup,
    }),
    'target-ca': Flags.string({
      helpValue: 'FILE',
      default: '',
      summary: "authority of hep_tls targets, PEM; the system's by default",
      helpGroup,
    }),
    'target-cert': Flags.string({ helpValue: 'FILE', default: '', summary: 'certificate that we show to hep_tls targets, PEM', helpGroup }),
    'target-key': Flags.string({ helpValue: 'FILE', default: '', summary: 'its key, PEM', helpGroup }),
    'spool-sync': Flags.option({ options: ['always', 'interval', 'never'] as const, default: 'interval' as const })({
      summary: 'when the spool is forced to the disk',
      helpGroup,
    }),
    'spool-rate': Flags.integer({
      helpValue: 'N',
      min: 0,
      summary: 'packets a second out of the spool; 0 is no limit; UDP targets: by default twice what arrives, at least 2000',
      helpGroup,
    }),
    'spool-max-size': Flags.string({
      helpValue: 'SIZE',
      default: '0',
      summary: 'most bytes in a spool (20G, 500M); the oldest are given up and counted',
      helpGroup,
    }),
    'spool-max-age': Flags.string({
      helpValue: 'AGE',
      default: '0',
      summary: 'most age in a spool (7d, 12h); the oldest are given up and counted',
      helpGroup,
    }),
  };
}

interface SpoolValues {
  spool: string;
  'target-ca': string;
  'target-cert': string;
  'target-key': string;
  'spool-sync': 'always' | 'interval' | 'never';
  'hep-rate': string;
  'spool-rate'?: number;
  'spool-max-size': string;
  'spool-max-age': string;
}

export function spoolOptions(flags: SpoolValues) {
  return {
    spool: flags.spool,
    tlsCa: flags['target-ca'],
    tlsCertificate: flags['target-cert'],
    tlsKey: flags['target-key'],
    spoolSync: flags['spool-sync'],
    spoolRate: flags['spool-rate'] ?? -1,
    rate: parseHepRate(flags['hep-rate']),
    spoolMaxBytes: sizeBytes(flags['spool-max-size']),
    spoolMaxAgeSeconds: ageSeconds(flags['spool-max-age']),
  };
}

export const sinkFlags = {
  ...databaseFlags,
  write: Flags.string({
    char: 'w',
    helpValue: 'FILE',
    summary: 'write a capture file (pcap, or pcapng by its name; - is standard output)',
    helpGroup: 'SINK',
  }),
  'rotate-size': Flags.integer({
    char: 'C',
    helpValue: 'MILLIONS',
    min: 0,
    default: 0,
    summary: 'begin a new file after so many million bytes (as tcpdump)',
    helpGroup: 'FILE SINK',
  }),
  'rotate-seconds': Flags.integer({
    char: 'G',
    helpValue: 'SECONDS',
    min: 0,
    default: 0,
    summary: 'begin a new file after so many seconds; the name takes strftime conversions (UTC)',
    helpGroup: 'FILE SINK',
  }),
  'rotate-count': Flags.integer({
    char: 'W',
    helpValue: 'N',
    min: 0,
    default: 0,
    summary: 'keep the last N files',
    helpGroup: 'FILE SINK',
  }),
  compress: Flags.boolean({ summary: 'pack files that are done (.gz)', helpGroup: 'FILE SINK' }),
  hep: Flags.string({
    helpValue: 'TARGET',
    multiple: true,
    multipleNonGreedy: true,
    summary: 'send as HEP to hep_udp:host:port, hep_tcp:… or hep_tls:…; may be repeated',
    helpGroup: 'SINK',
  }),
  ...hepFlags('HEP SINK'),
  format: Flags.option({ options: ['text', 'json', 'none'] as const })({
    summary: 'show messages on standard output; text is the default where there is no other sink',
    helpGroup: 'SINK',
  }),
};

export const runFlags = {
  duration: Flags.string({ helpValue: 'TIME', default: '0', summary: 'interfaces and listeners: stop after this time (30s, 5m)' }),
  count: Flags.integer({ char: 'c', helpValue: 'N', min: 1, summary: 'stop after N messages stored or shown' }),
  quiet: Flags.boolean({ char: 'q', summary: 'no sums at the end, no progress' }),
  verbose: Flags.boolean({ char: 'v', summary: 'show the whole message below its line' }),
  stats: Flags.option({ options: ['text', 'json'] as const, default: 'text' as const })({ summary: 'form of the sums on standard error' }),
};

interface ParsedFlags extends SpoolValues, DatabaseValues {
  route?: string;
  'hep-route'?: string;
  'script-version'?: '2' | '3';
  hep?: string[];
  'hep-version': '1' | '2' | '3';
  'hep-id': number;
  'hep-name': string;
  'hep-key': string;
  'hep-compress': boolean;
  'hep-correlation': string;
  write?: string;
  'rotate-size': number;
  'rotate-seconds': number;
  'rotate-count': number;
  compress: boolean;
  duration: string;
  format?: 'text' | 'json' | 'none';
  count?: number;
  quiet: boolean;
  verbose: boolean;
  stats: 'text' | 'json';
}

/** The parsed flags as the services want them. */
export function runOptions(flags: ParsedFlags): RunOptions {
  if (
    flags.write === undefined &&
    (flags['rotate-size'] > 0 || flags['rotate-seconds'] > 0 || flags['rotate-count'] > 0 || flags.compress)
  ) {
    throw new UsageError('-C, -G, -W and --compress say how -w FILE is written: name the file');
  }
  return {
    sinks: {
      ...databaseOptions(flags),
      hep: {
        targets: flags.hep ?? [],
        policy: 'all',
        ...spoolOptions(flags),
        encoder: {
          version: Number(flags['hep-version']) as 1 | 2 | 3,
          captureId: flags['hep-id'],
          authKey: flags['hep-key'] === '' ? null : Buffer.from(flags['hep-key']),
          captureName: flags['hep-name'],
          compress: flags['hep-compress'],
        },
        correlation: flags['hep-correlation'],
        waits: true,
      },
      write: flags.write,
      rotation: {
        maxBytes: flags['rotate-size'] * 1e6,
        everySeconds: flags['rotate-seconds'],
        keep: flags['rotate-count'],
        compress: flags.compress,
      },
      format: flags.format,
    },
    route: routeChoice(flags),
    count: flags.count ?? 0,
    durationSeconds: ageSeconds(flags.duration),
    quiet: flags.quiet,
    verbose: flags.verbose,
    stats: flags.stats,
  };
}
