import { Flags } from '@oclif/core';
import { parsePortRanges, processEnvironment } from '../../lib/base/index.js';
import { SipcapCommand } from '../_command.js';
import { timeFlags, zoneOf } from '../_filter-flags.js';
import { fileArgs, filesOf, sourceChoice, sourceFlags } from '../_source-flags.js';

export default class ReportList extends SipcapCommand {
  static override readonly readsDatabase = true;
  static override summary = 'List reports (RTCP, quality records, logs) by correlation id, time and type';
  static override examples = [
    '<%= config.bin %> report list --db sqlite:calls.db',
    '<%= config.bin %> report list -r trace.pcap --proto-type RTCP',
    '<%= config.bin %> report list --db sqlite:calls.db --proto-type RTCP --since "2026-01-15 09:00" --format csv',
  ];

  static override strict = false;
  static override args = fileArgs;

  static override flags = {
    ...sourceFlags,
    table: Flags.string({
      helpValue: 'NAME',
      default: '',
      summary: 'report table, of either shape, strftime suffix allowed; default: all that are found',
      helpGroup: 'INPUT',
    }),
    'correlation-id': Flags.string({ helpValue: 'ID', default: '', summary: 'only those of this correlation id', helpGroup: 'FILTER' }),
    'proto-type': Flags.string({ helpValue: 'N|NAME', default: '', summary: 'only those of this payload type', helpGroup: 'FILTER' }),
    ...timeFlags,
    limit: Flags.integer({ helpValue: 'N', min: 1, default: 100, summary: 'the newest N', helpGroup: 'OUTPUT' }),
    format: Flags.option({ options: ['table', 'json', 'csv'] as const, default: 'table' as const })({
      summary: 'output format',
      helpGroup: 'OUTPUT',
    }),
    'csv-raw': Flags.boolean({
      summary: 'no leading apostrophe in CSV cells that a spreadsheet would run as a formula (control characters stay escaped)',
      helpGroup: 'OUTPUT',
    }),
  };

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(ReportList);
    const { reportList } = await import('../../lib/service/report/list.js');
    await this.finish(
      reportList(
        {
          source: sourceChoice({ ...flags, read: filesOf(flags.read, argv) }, flags.port === undefined ? [] : parsePortRanges(flags.port)),
          authKey: flags['auth-key'],
          table: flags.table,
          correlationId: flags['correlation-id'],
          payloadType: flags['proto-type'],
          times: { since: flags.since, until: flags.until, last: flags.last, zone: zoneOf(flags) },
          limit: flags.limit,
          format: flags.format,
          csvRaw: flags['csv-raw'],
        },
        processEnvironment(),
      ),
    );
  }
}
