import { Args, Flags } from '@oclif/core';
import { parsePortRanges, processEnvironment } from '../../lib/base/index.js';
import { SipcapCommand } from '../_command.js';
import { widthFlag, zoneFlags, zoneOf } from '../_filter-flags.js';
import { sourceChoice, sourceFlags } from '../_source-flags.js';

export default class ReportShow extends SipcapCommand {
  static override readonly readsDatabase = true;
  static override summary = 'Show the quality of a call: loss, jitter, round trip and MOS over time per direction, with its SIP messages';
  static override usage = 'report show CALLID [--db URL | -r FILE... | -i IF | --hep-listen ENDPOINT] [FLAGS]';
  static override examples = [
    '<%= config.bin %> report show 1-6723@127.0.0.1 --db sqlite:calls.db',
    '<%= config.bin %> report show 1-6723@127.0.0.1 -r trace.pcap',
  ];
  static override args = {
    callid: Args.string({ required: true, ignoreStdin: true, description: 'Call-ID (the correlation id of its reports)' }),
  };

  static override flags = {
    ...sourceFlags,
    table: Flags.string({
      helpValue: 'NAME',
      default: '',
      summary: 'report table, of either shape, strftime suffix allowed; default: all that are found',
      helpGroup: 'INPUT',
    }),
    'sip-table': Flags.string({
      helpValue: 'NAME',
      default: '',
      summary: 'table of SIP messages, strftime suffix allowed; default: all that are found',
      helpGroup: 'INPUT',
    }),
    ...zoneFlags,
    format: Flags.option({ options: ['text', 'json'] as const, default: 'text' as const })({
      summary: 'output format',
      helpGroup: 'OUTPUT',
    }),
    width: widthFlag,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ReportShow);
    const { reportShow } = await import('../../lib/service/report/show.js');
    await this.finish(
      reportShow(
        {
          source: sourceChoice(flags, flags.port === undefined ? [] : parsePortRanges(flags.port)),
          authKey: flags['auth-key'],
          table: flags.table,
          sipTable: flags['sip-table'],
          callId: args.callid,
          format: flags.format,
          zone: zoneOf(flags),
          width: flags.width ?? 0,
        },
        processEnvironment(),
      ),
    );
  }
}
