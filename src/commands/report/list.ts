import { Flags } from '@oclif/core';
import { SipcapCommand } from '../_command.js';

export default class ReportList extends SipcapCommand {
  static override summary = 'List stored reports by correlation id, time and type';
  static override examples = [
    '<%= config.bin %> report list --db sqlite:calls.db',
    '<%= config.bin %> report list --db sqlite:calls.db --proto-type RTCP --from "2026-01-15 09:00" --format csv',
  ];

  static override flags = {
    db: Flags.string({ helpValue: 'URL', env: 'SIPCAP_DB', required: true, summary: 'sqlite:PATH, mysql://… or postgres://… (db_url)' }),
    table: Flags.string({ helpValue: 'NAME', default: 'rtcp_capture', summary: 'table of the reports, of either shape' }),
    'correlation-id': Flags.string({ helpValue: 'ID', default: '', summary: 'only those of this correlation id' }),
    'proto-type': Flags.string({ helpValue: 'N|NAME', default: '', summary: 'only those of this payload type' }),
    from: Flags.string({ helpValue: 'TIME', default: '', summary: 'not before this time (UTC): 2026-01-15, "2026-01-15 09:30"' }),
    to: Flags.string({ helpValue: 'TIME', default: '', summary: 'before this time' }),
    limit: Flags.integer({ helpValue: 'N', min: 1, default: 100, summary: 'the newest N' }),
    format: Flags.option({ options: ['table', 'json', 'csv'] as const, default: 'table' as const })({ summary: 'output format' }),
    'csv-raw': Flags.boolean({
      summary: 'CSV cells as stored; without it a cell that a spreadsheet would run as a formula gets a leading apostrophe',
    }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(ReportList);
    const { processEnvironment, reportList } = await import('../../lib/service/index.js');
    await this.finish(
      reportList(
        {
          db: flags.db,
          table: flags.table,
          correlationId: flags['correlation-id'],
          payloadType: flags['proto-type'],
          from: flags.from,
          to: flags.to,
          limit: flags.limit,
          format: flags.format,
          csvRaw: flags['csv-raw'],
        },
        processEnvironment(),
      ),
    );
  }
}
