import { Flags } from '@oclif/core';
import { SipcapCommand } from '../_command.js';
import { keepOptions, retentionFlags } from '../_retention-flags.js';

export default class DbPrune extends SipcapCommand {
  static override summary = 'Delete what is older, more or larger than is to be kept';
  static override description = `Partitions and dated tables that sipcap made are dropped whole; of other tables rows are deleted in small steps, so that
nobody who writes has to wait. A table that sipcap did not make is never dropped, and left alone unless it is named.`;
  static override examples = [
    '<%= config.bin %> db prune --db sqlite:calls.db --keep 14d --dry-run',
    '<%= config.bin %> db prune --db mysql://sipcap@localhost/sipcap --keep 30d --keep-size 200G',
  ];

  static override flags = {
    db: Flags.string({ helpValue: 'URL', env: 'SIPCAP_DB', required: true, summary: 'sqlite:PATH, mysql://… or postgres://… (db_url)' }),
    ...retentionFlags,
    'dry-run': Flags.boolean({ summary: 'only say what would go' }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(DbPrune);
    const { dbPrune, processEnvironment } = await import('../../lib/service/index.js');
    await this.finish(dbPrune({ db: flags.db, keep: keepOptions(flags), dryRun: flags['dry-run'] }, processEnvironment()));
  }
}
