/** The flags of capturing on interfaces. */
import { Flags } from '@oclif/core';
import { UsageError } from '../lib/base/fault.js';
import { runOptions } from './_flags.js';
import { ageSeconds, sizeBytes } from '../lib/config/amount.js';

const helpGroup = 'INTERFACE';
/** No frame is longer, with segmentation offload neither. */
const MAX_BYTES = 262_144;
const MAX_BUFFER_BYTES = 2_000_000_000;

export function liveFlags(promiscuous: boolean) {
  return {
    interface: Flags.string({
      char: 'i',
      helpValue: 'IF',
      multiple: true,
      multipleNonGreedy: true,
      summary: 'capture on this interface, any is all of them; may be repeated (raw_interface)',
      helpGroup,
      exclusive: ['read'],
    }),
    promiscuous: Flags.boolean({
      allowNo: true,
      default: promiscuous,
      aliases: ['promiscuous-on', 'promiscious-on'],
      summary: 'take what is not addressed to this host as well (promiscuous_on)',
      helpGroup,
    }),
    'snap-length': Flags.integer({
      helpValue: 'BYTES',
      min: 64,
      max: MAX_BYTES,
      default: MAX_BYTES,
      summary: 'bytes taken of each packet',
      helpGroup,
    }),
    'buffer-size': Flags.string({
      helpValue: 'SIZE',
      default: '32M',
      summary: 'memory in the kernel for packets that wait (64M)',
      helpGroup,
    }),
    filter: Flags.string({
      char: 'f',
      helpValue: 'BPF',
      default: '',
      summary: 'kernel filter in the language of tcpdump, instead of the one made from the ports',
      helpGroup,
    }),
    'show-filter': Flags.boolean({ summary: 'print the kernel filter and end', helpGroup }),
    'give-up': Flags.string({
      helpValue: 'TIME',
      default: '0',
      summary: 'end (exit code 4) when an interface is away for so long (30s, 5m); 0 waits for ever',
      helpGroup,
    }),
    workers: Flags.integer({
      helpValue: 'N',
      min: 0,
      max: 64,
      default: 0,
      aliases: ['raw-sock-children'],
      summary: 'threads that decode, sharing the packets by flow; 0 decodes in the main one (raw_sock_children)',
      helpGroup,
    }),
    keep: Flags.option({ options: ['sip', 'all'] as const, default: 'sip' as const })({
      summary: 'what -w writes: the packets of messages, or all that are captured',
      helpGroup: 'FILE SINK',
    }),
    user: Flags.string({
      helpValue: 'NAME',
      default: '',
      summary: 'become this user; the process that captures alone stays root',
      helpGroup,
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
  if (bufferBytes < 1 || bufferBytes > MAX_BUFFER_BYTES) throw new UsageError(`--buffer-size ${flags['buffer-size']}: from 1 byte to 2G`);
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
    Parameters<typeof liveOptions>[0] & { read?: string[]; again: boolean; rtcp: boolean; keep: 'sip' | 'all'; 'show-filter': boolean },
) {
  return {
    ...runOptions(flags),
    ...liveOptions(flags),
    files: flags.read,
    again: flags.again,
    rtcp: flags.rtcp,
    keepAll: flags.keep === 'all',
    showFilter: flags['show-filter'],
  };
}

/** What a command reads: interfaces or files, and what fits neither is said. */
export function refuseMixture(flags: {
  interface?: string[];
  read?: string[];
  filter: string;
  workers: number;
  keep: string;
  write?: string;
  'show-filter': boolean;
}): void {
  const { read } = flags;
  if (read === undefined && flags.interface === undefined && !flags['show-filter'])
    throw new UsageError('say where packets come from: -i IF (an interface) or -r FILE (capture files)');
  if (flags.keep === 'all' && flags.write === undefined) throw new UsageError('--keep all says what -w FILE writes: name the file');
  if (read !== undefined && flags.filter !== '')
    throw new UsageError('-f is for interfaces; for files: tcpdump -r FILE -w - FILTER | sipcap capture mirror -r -');
  if (read !== undefined && flags.workers > 0) throw new UsageError('--workers is for interfaces: a file is read by one thread');
  if (read !== undefined && read.filter((file) => file === '-').length > 1)
    throw new UsageError('standard input (-r -) can be read once only');
}
