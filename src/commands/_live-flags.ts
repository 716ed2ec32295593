/** The flags of capturing on interfaces. */
import { Flags } from '@oclif/core';
import { UsageError } from '../lib/base/fault.js';
import { filterOptions, type FilterValues } from './_filter-flags.js';
import { runOptions } from './_flags.js';
import { filesOf } from './_source-flags.js';
import { ageSeconds, sizeBytes } from '../lib/config/amount.js';

const helpGroup = 'INPUT';
const TUNING = 'TUNING';
/** No frame is longer, not even with segmentation offload. */
const MAX_BYTES = 262_144;
const MAX_BUFFER_BYTES = 2_000_000_000;

export function liveFlags(promiscuous: boolean) {
  return {
    interface: Flags.string({
      char: 'i',
      helpValue: 'IF',
      multiple: true,
      multipleNonGreedy: true,
      summary: 'capture on this interface (any: all of them); may be repeated (raw_interface)',
      helpGroup,
      exclusive: ['read'],
    }),
    promiscuous: Flags.boolean({
      allowNo: true,
      default: promiscuous,
      aliases: ['promiscuous-on', 'promiscious-on'],
      summary: 'promiscuous mode: also capture frames for other hosts (promiscuous_on)',
      helpGroup,
    }),
    'snap-length': Flags.integer({
      helpValue: 'BYTES',
      min: 64,
      max: MAX_BYTES,
      default: MAX_BYTES,
      summary: 'maximum bytes captured of a packet',
      helpGroup: TUNING,
    }),
    'buffer-size': Flags.string({
      helpValue: 'SIZE',
      default: '32M',
      summary: 'size of the kernel buffer (64M)',
      helpGroup: TUNING,
    }),
    filter: Flags.string({
      char: 'f',
      helpValue: 'BPF',
      default: '',
      summary: 'kernel filter in tcpdump syntax, instead of the one made from the ports',
      helpGroup,
    }),
    'show-filter': Flags.boolean({ summary: 'print the kernel filter and exit', helpGroup }),
    'give-up': Flags.string({
      helpValue: 'TIME',
      default: '0',
      summary: 'exit with 4 if an interface stays down this long (30s, 5m); 0: wait forever',
      helpGroup: TUNING,
    }),
    workers: Flags.integer({
      helpValue: 'N',
      min: 0,
      max: 64,
      default: 0,
      aliases: ['raw-sock-children'],
      summary: 'threads that decode packets; 0: decode in the main thread (raw_sock_children)',
      helpGroup: TUNING,
    }),
    keep: Flags.option({ options: ['sip', 'all'] as const, default: 'sip' as const })({
      summary: 'packets that -w writes: those of messages, or all',
      helpGroup: 'FILE OUTPUT',
    }),
    user: Flags.string({
      helpValue: 'NAME',
      default: '',
      summary: 'become this user once interfaces are open; only the capture process stays root',
      helpGroup: TUNING,
    }),
  };
}

export function liveOptions(flags: {
  interface?: string[];
  promiscuous: boolean;
  'snap-length': number;
  'buffer-size': string;
  filter: string;
  'give-up': string;
  workers: number;
  user: string;
}) {
  const bufferBytes = sizeBytes(flags['buffer-size']);
  if (bufferBytes < 1 || bufferBytes > MAX_BUFFER_BYTES)
    throw new UsageError(`invalid --buffer-size '${flags['buffer-size']}': expected up to 2G`);
  return {
    interfaces: [...new Set(flags.interface ?? [])],
    filter: flags.filter,
    promiscuous: flags.promiscuous,
    snapLength: flags['snap-length'],
    bufferBytes,
    giveUpSeconds: ageSeconds(flags['give-up']),
    workers: flags.workers,
    user: flags.user,
  };
}

/** The flags that `capture mirror` and `capture raw` share, as their services take them. */
export function captureOptions(
  flags: Parameters<typeof runOptions>[0] &
    FilterValues &
    Parameters<typeof liveOptions>[0] & {
      read?: string[];
      again: boolean;
      rtcp: boolean;
      rtp: boolean;
      keep: 'sip' | 'all';
      'show-filter': boolean;
    },
) {
  return {
    ...runOptions(flags),
    ...liveOptions(flags),
    select: filterOptions(flags),
    files: flags.read,
    again: flags.again,
    rtcp: flags.rtcp,
    rtp: flags.rtp,
    keepAll: flags.keep === 'all',
    showFilter: flags['show-filter'],
  };
}

/** Capture files; not together with interfaces. */
export function captureFiles(
  { read, interface: interfaces }: { read?: string[]; interface?: string[] },
  argv: unknown[],
): string[] | undefined {
  if (argv.length > 0 && interfaces !== undefined)
    throw new UsageError(`unexpected argument '${String(argv[0])}': files and -i exclude each other`);
  return filesOf(read, argv);
}

/** Rejects flags that cannot be combined: interfaces with files, and flags that apply to neither. */
export function refuseMixture(flags: {
  interface?: string[];
  read?: string[];
  filter: string;
  workers: number;
  'show-filter': boolean;
}): void {
  const { read } = flags;
  if (read === undefined && flags.interface === undefined && !flags['show-filter'])
    throw new UsageError('no input: specify FILE (capture files) or -i IF (an interface)');
  if (read !== undefined && flags.filter !== '')
    throw new UsageError('-f works on interfaces only; for files use: tcpdump -r FILE -w - FILTER | sipcap capture mirror -r -');
  if (read !== undefined && flags.workers > 0) throw new UsageError('--workers works on interfaces only');
  if (read !== undefined && read.filter((file) => file === '-').length > 1)
    throw new UsageError('standard input (-r -) can be read only once');
}
