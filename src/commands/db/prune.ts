import { Flags } from '@oclif/core';
import { SipcapCommand } from '../_command.js';
import { keepOptions, retentionFlags } from '../_retention-flags.js';

export default class DbPrune extends SipcapCommand {
  static override summary = 'Delete old messages by age, size or number of rows';
  static override description = `Partitions and dated tables created by sipcap are dropped as a whole; from other tables rows are deleted in small steps, so
that writers do not wait. A table that sipcap did not create is never dropped, and left alone unless --table names it.`;
  static override usage = 'db prune --db URL [FLAGS]';
  static override examples = [
    '<%= config.bin %> db prune --db sqlite:calls.db --keep 14d --dry-run',
    '<%= config.bin %> db prune --db mysql://sipcap@localhost/sipcap --keep 30d --keep-size 200G',
  ];

  static override flags = {
    db: Flags.string({
      helpValue: 'URL',
      env: 'SIPCAP_DB',
      required: true,
      summary: 'database: sqlite:PATH, mysql://…, postgres://… or clickhouse://… (db_url)',
    }),
    ...retentionFlags,
    'dry-run': Flags.boolean({ summary: 'only print what would be deleted' }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(DbPrune);
    const { dbPrune, processEnvironment } = await import('../../lib/service/index.js');
    await this.finish(dbPrune({ db: flags.db, keep: keepOptions(flags), dryRun: flags['dry-run'] }, processEnvironment()));
  }
}
