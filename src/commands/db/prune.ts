import { Flags } from '@oclif/core';
import { SipcapCommand } from '../_command.js';
import { keepOptions, retentionFlags } from '../_retention-flags.js';

export default class DbPrune extends SipcapCommand {
  static override summary = 'Delete messages beyond an age, a size or a number of rows';
  static override description = `Partitions and dated tables that sipcap created are dropped whole; rows of other tables are deleted in small steps, so that
writers never wait long. A table that sipcap did not create is never dropped, and left alone unless it is named.`;
  static override examples = [
    '<%= config.bin %> db prune --db sqlite:calls.db --keep 14d --dry-run',
    '<%= config.bin %> db prune --db mysql://sipcap@localhost/sipcap --keep 30d --keep-size 200G',
  ];

  static override flags = {
    db: Flags.string({ helpValue: 'URL', env: 'SIPCAP_DB', required: true, summary: 'sqlite:PATH, mysql://… or postgres://… (db_url)' }),
    ...retentionFlags,
    'dry-run': Flags.boolean({ summary: 'only show what would be deleted' }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(DbPrune);
    const { dbPrune, processEnvironment } = await import('../../lib/service/index.js');
    await this.finish(dbPrune({ db: flags.db, keep: keepOptions(flags), dryRun: flags['dry-run'] }, processEnvironment()));
  }
}
