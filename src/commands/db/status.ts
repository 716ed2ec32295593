import { Flags } from '@oclif/core';
import { SipcapCommand } from '../_command.js';
import { keepOptions, retentionFlags } from '../_retention-flags.js';

export default class DbStatus extends SipcapCommand {
  static override readonly readsDatabase = true;
  static override summary = 'Show the tables of a database: rows, sizes, times, partitions, and what retention would delete';
  static override usage = 'db status --db URL [FLAGS]';
  static override examples = [
    '<%= config.bin %> db status --db sqlite:calls.db',
    '<%= config.bin %> db status --db postgres://sipcap@localhost/sipcap --keep 14d',
  ];

  static override flags = {
    db: Flags.string({
      helpValue: 'URL',
      env: 'SIPCAP_DB',
      required: true,
      summary: 'database: sqlite:PATH, mysql://…, postgres://… or clickhouse://… (db_url)',
    }),
    ...retentionFlags,
    count: Flags.boolean({ summary: 'count rows exactly instead of using estimates (slow on large tables)' }),
    format: Flags.option({ options: ['text', 'json'] as const, default: 'text' as const })({ summary: 'output format' }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(DbStatus);
    const { dbStatus, processEnvironment } = await import('../../lib/service/index.js');
    await this.finish(dbStatus({ db: flags.db, keep: keepOptions(flags), count: flags.count, format: flags.format }, processEnvironment()));
  }
}
