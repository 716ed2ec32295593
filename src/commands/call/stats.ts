import { Flags } from '@oclif/core';
import { parsePortRanges, processEnvironment } from '../../lib/base/index.js';
import { callFlags, callOptions, rowFlags } from '../_call-flags.js';
import { SipcapCommand } from '../_command.js';
import { mediaFlags, mediaOptions } from '../_media-flags.js';
import { fileArgs, filesOf } from '../_source-flags.js';

export default class CallStats extends SipcapCommand {
  static override readonly readsDatabase = true;
  static override summary = 'Count calls: answer and establishment ratios, delays (RFC 6076), talking time, retransmissions';
  static override description = `Counts calls, not packets: an attempt is one call however many hops and legs it has, and a challenge that was answered is none of its own.
ASR answered of all; NER answered, busy, unanswered or refused of all; SER, SEER, ISA, SCR, SRD, SDD, RRD, IRA as RFC 6076 has them; ACD mean
talking time. Exit code 5: no call was found.`;
  static override usage = 'call stats FILE... | --db URL | -i IF | --hep-listen ENDPOINT [FLAGS]';
  static override examples = [
    '<%= config.bin %> call stats -r trace.pcap',
    '<%= config.bin %> call stats --db sqlite:calls.db --since today --by hour',
    '<%= config.bin %> call stats -r trace.pcap --by peer --format csv',
  ];

  static override strict = false;
  static override args = fileArgs;

  static override flags = {
    ...callFlags,
    ...rowFlags,
    ...mediaFlags,
    by: Flags.option({ options: ['none', 'hour', 'method', 'status', 'peer', 'node', 'ua', 'codec'] as const, default: 'none' as const })({
      summary: 'one row for each of these; peer is the source of the first request, codec that of its RTP (--media)',
      helpGroup: 'OUTPUT',
    }),
    'per-hop': Flags.boolean({ summary: 'count each leg as a call of its own', helpGroup: 'OUTPUT' }),
  };

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(CallStats);
    const { callStats } = await import('../../lib/service/call/stats.js');
    const { by, format } = flags;
    const { maxMos, ...media } = mediaOptions(flags);
    const calls = callOptions({ ...flags, read: filesOf(flags.read, argv) }, flags.port === undefined ? [] : parsePortRanges(flags.port));
    const options = {
      ...calls,
      ...media,
      criteria: { ...calls.criteria, maxMos },
      explain: flags.explain,
      by,
      format,
    };
    await this.finish(callStats({ ...options, perHop: flags['per-hop'], csvRaw: flags['csv-raw'] }, processEnvironment()));
  }
}
