import { Flags } from '@oclif/core';
import { SipcapCommand } from '../_command.js';
import { databaseFlags, databaseOptions } from '../_database-flags.js';

export default class DbDrain extends SipcapCommand {
  static override summary = 'Store the rows waiting in the spool of a database, and exit';
  static override description = `Rows are spooled in the folder given as --spool while a database is unavailable. The next run with that folder stores them; this
command does so without capturing, for cron; use the same table flags as when capturing. Exits with 0 when the spool is empty, with 4 while the database is unavailable.`;
  static override examples = ['<%= config.bin %> db drain --db mysql://sipcap@localhost/sipcap --spool /var/spool/sipcap'];

  static override flags = {
    ...databaseFlags,
    db: Flags.string({ helpValue: 'URL', env: 'SIPCAP_DB', required: true, summary: 'sqlite:PATH, mysql://… or postgres://… (db_url)' }),
    spool: Flags.string({ helpValue: 'DIR', required: true, summary: 'the spool folder used when capturing' }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(DbDrain);
    const { dbDrain, processEnvironment } = await import('../../lib/service/index.js');
    await this.finish(
      dbDrain({ db: flags.db, spool: flags.spool, quarantine: flags.quarantine, rows: databaseOptions(flags) }, processEnvironment()),
    );
  }
}
