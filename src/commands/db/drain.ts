import { Flags } from '@oclif/core';
import { SipcapCommand } from '../_command.js';
import { databaseFlags, databaseOptions } from '../_database-flags.js';

export default class DbDrain extends SipcapCommand {
  static override summary = 'Store what waits in the spool of a database, and exit';
  static override description = `Rows that a database could not take wait in the directory given as --spool. The next run with that directory stores them; this
command does so without capturing, for cron. Use the same table flags as for capturing. Exits with 0 when the spool is empty, with 4 where rows
were lost or the database is unavailable, and with 130 when it was interrupted.`;
  static override usage = 'db drain --db URL --spool DIR [FLAGS]';
  static override examples = ['<%= config.bin %> db drain --db mysql://sipcap@localhost/sipcap --spool /var/spool/sipcap'];

  static override flags = {
    ...databaseFlags,
    db: Flags.string({
      helpValue: 'URL',
      env: 'SIPCAP_DB',
      required: true,
      summary: 'database: sqlite:PATH, mysql://…, postgres://… or clickhouse://… (db_url)',
    }),
    spool: Flags.string({ helpValue: 'DIR', required: true, summary: 'spool directory that was used when capturing' }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(DbDrain);
    const { dbDrain, processEnvironment } = await import('../../lib/service/index.js');
    await this.finish(dbDrain({ sinks: databaseOptions(flags), spool: flags.spool }, processEnvironment()));
  }
}
