import { Args, Flags } from '@oclif/core';
import { SipcapCommand } from '../_command.js';

export default class ReportShow extends SipcapCommand {
  static override summary = 'Show the quality of a call: loss, jitter, round trip and MOS over time per direction, with its SIP messages';
  static override usage = 'report show CALLID --db URL [FLAGS]';
  static override examples = ['<%= config.bin %> report show 1-6723@127.0.0.1 --db sqlite:calls.db'];
  static override args = {
    callid: Args.string({ required: true, ignoreStdin: true, description: 'Call-ID (the correlation id of its reports)' }),
  };

  static override flags = {
    db: Flags.string({
      helpValue: 'URL',
      env: 'SIPCAP_DB',
      required: true,
      summary: 'database: sqlite:PATH, mysql://… or postgres://… (db_url)',
    }),
    table: Flags.string({ helpValue: 'NAME', default: 'rtcp_capture', summary: 'report table, of either shape' }),
    'sip-table': Flags.string({ helpValue: 'NAME', default: 'sip_capture', summary: 'table of SIP messages' }),
    format: Flags.option({ options: ['text', 'json'] as const, default: 'text' as const })({ summary: 'output format' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ReportShow);
    const { processEnvironment, reportShow } = await import('../../lib/service/index.js');
    await this.finish(
      reportShow(
        { db: flags.db, table: flags.table, sipTable: flags['sip-table'], callId: args.callid, format: flags.format },
        processEnvironment(),
      ),
    );
  }
}
