/** The flags that every capturing command shares: outputs, limits and the summary. */
import { Flags } from '@oclif/core';
import type { RunOptions } from '../lib/pipeline/options.js';
import type { SummaryForm } from '../lib/pipeline/summary.js';
import { TIME_STYLES, type TimeStyle } from '../lib/sink/terminal/line-times.js';
import { parseHepRate } from '../lib/pipeline/output/hep-rate.js';
import { ageSeconds, sizeBytes } from '../lib/config/amount.js';
import { zoneOf } from './_filter-flags.js';
import { identityFlags, identityOf } from './_identity-flags.js';
import { routeChoice } from './_route-flags.js';
import { databaseFlags, databaseOptions, type DatabaseValues } from './_database-flags.js';

/** How packets for HEP targets are created and spooled. */
function hepFlags(helpGroup: string) {
  return {
    'hep-version': Flags.option({ options: ['1', '2', '3'] as const, default: '3' as const })({
      summary: 'HEP version of packets created by sipcap',
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
      summary: 'correlation id of SIP messages without one: call-id, none, or header:NAME',
      helpGroup,
    }),
    'hep-compress': Flags.boolean({ summary: 'compress payloads (gzip, chunk 0x0010)', helpGroup }),
    ...identityFlags(helpGroup),
    ...spoolFlags(helpGroup),
  };
}

/** The durable spool of HEP targets, and TLS to them. */
export function spoolFlags(helpGroup: string) {
  return {
    spool: Flags.string({
      helpValue: 'DIR',
      default: '',
      summary: 'keep what cannot be delivered in this directory, and deliver it later',
      helpGroup: 'SPOOL',
    }),
    'hep-rate': Flags.string({
      helpValue: 'N|capture',
      default: '2000',
      summary: 'files and standard input over UDP: packets per second, or capture for the captured pace; 0: unlimited',
      helpGroup,
    }),
    'target-ca': Flags.string({
      helpValue: 'FILE',
      default: '',
      summary: "certificate authority of hep_tls targets (PEM); default: the system's",
      helpGroup,
    }),
    'target-cert': Flags.string({ helpValue: 'FILE', default: '', summary: 'client certificate for hep_tls targets (PEM)', helpGroup }),
    'target-key': Flags.string({ helpValue: 'FILE', default: '', summary: 'its private key (PEM)', helpGroup }),
    'spool-sync': Flags.option({ options: ['always', 'interval', 'never'] as const, default: 'interval' as const })({
      summary: 'when the spool is synced to disk',
      helpGroup: 'SPOOL',
    }),
    'spool-rate': Flags.integer({
      helpValue: 'N',
      min: 0,
      summary: 'packets per second sent from the spool; 0: unlimited; default for UDP targets: twice what arrives, at least 2000',
      helpGroup: 'SPOOL',
    }),
    'spool-max-size': Flags.string({
      helpValue: 'SIZE',
      default: '0',
      summary: 'maximum size of a spool (20G, 500M); the oldest packets are discarded and counted; 0: unlimited',
      helpGroup: 'SPOOL',
    }),
    'spool-max-age': Flags.string({
      helpValue: 'AGE',
      default: '0',
      summary: 'maximum age in a spool (7d, 12h); older packets are discarded and counted; 0: unlimited',
      helpGroup: 'SPOOL',
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
    helpGroup: 'OUTPUT',
  }),
  'rotate-size': Flags.integer({
    char: 'C',
    helpValue: 'N',
    min: 0,
    default: 0,
    summary: 'start a new file after N million bytes (as tcpdump)',
    helpGroup: 'FILE OUTPUT',
  }),
  'rotate-seconds': Flags.integer({
    char: 'G',
    helpValue: 'SECONDS',
    min: 0,
    default: 0,
    summary: 'start a new file after this many seconds; the name may have strftime conversions (UTC)',
    helpGroup: 'FILE OUTPUT',
  }),
  'rotate-count': Flags.integer({
    char: 'W',
    helpValue: 'N',
    min: 0,
    default: 0,
    summary: 'keep the last N files',
    helpGroup: 'FILE OUTPUT',
  }),
  compress: Flags.boolean({ summary: 'compress finished files (.gz)', helpGroup: 'FILE OUTPUT' }),
  hep: Flags.string({
    helpValue: 'TARGET',
    multiple: true,
    multipleNonGreedy: true,
    summary: 'send as HEP to hep_udp:host:port, hep_tcp:… or hep_tls:…; may be repeated',
    helpGroup: 'OUTPUT',
  }),
  ...hepFlags('HEP'),
  format: Flags.option({ options: ['text', 'json', 'none'] as const })({
    summary: 'print messages to standard output; text is the default without another output',
    helpGroup: 'OUTPUT',
  }),
  time: Flags.option({ options: TIME_STYLES, default: 'date' as const })({
    summary:
      'times of text lines: none (-t), seconds since 1970 (-tt), since the line before (-ttt), date (-tttt), since the first line (-ttttt)',
    helpGroup: 'OUTPUT',
  }),
  names: Flags.string({
    helpValue: 'FILE',
    default: '',
    summary: 'names of addresses for text lines, one a line: 10.0.0.1 sbc',
    helpGroup: 'OUTPUT',
  }),
};

/** Of all commands that wait for outputs when they end. */
export const drainDeadlineFlag = Flags.string({
  helpValue: 'TIME',
  default: '10s',
  summary: 'once it is to stop, how long outputs may take to deliver what waits',
  helpGroup: 'TUNING',
});

/** Of commands that receive live. */
export const silentAfterFlag = Flags.string({
  helpValue: 'TIME',
  default: '0',
  summary: 'warn when an interface or listener has received nothing for this long (5m); 0: never',
});

export const runFlags = {
  duration: Flags.string({
    helpValue: 'TIME',
    default: '0',
    defaultHelp: async () => undefined,
    summary: 'interfaces and listeners: stop after this long (30s, 5m)',
    helpGroup: 'INPUT',
  }),
  'drain-deadline': drainDeadlineFlag,
  count: Flags.integer({ char: 'c', helpValue: 'N', min: 1, summary: 'stop after N messages stored or shown', helpGroup: 'OUTPUT' }),
  quiet: Flags.boolean({ char: 'q', summary: 'no summary, no progress bar', helpGroup: 'OUTPUT' }),
  verbose: Flags.boolean({ char: 'v', summary: 'print the whole message below its line', helpGroup: 'OUTPUT' }),
  summary: Flags.option({ options: ['full', 'short', 'json', 'none'] as const })({
    summary: 'summary format on standard error; default: short on a terminal where nothing was lost, else full',
    helpGroup: 'OUTPUT',
  }),
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
  'hep-identity'?: 'made' | 'always';
  'no-hep-identity': boolean;
  write?: string;
  'rotate-size': number;
  'rotate-seconds': number;
  'rotate-count': number;
  compress: boolean;
  duration: string;
  'drain-deadline': string;
  'silent-after'?: string;
  format?: 'text' | 'json' | 'none';
  time: TimeStyle;
  names: string;
  tz: string;
  utc: boolean;
  count?: number;
  quiet: boolean;
  verbose: boolean;
  summary?: SummaryForm;
}

/** The parsed flags as options of the services. */
export function runOptions(flags: ParsedFlags): RunOptions {
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
        identity: identityOf(flags),
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
      lines: { time: flags.time, zone: zoneOf(flags), names: flags.names },
    },
    route: routeChoice(flags),
    count: flags.count ?? 0,
    durationSeconds: ageSeconds(flags.duration),
    drainSeconds: ageSeconds(flags['drain-deadline']),
    silentAfterSeconds: ageSeconds(flags['silent-after'] ?? '0'),
    quiet: flags.quiet,
    verbose: flags.verbose,
    summary: flags.summary ?? 'auto',
  };
}
