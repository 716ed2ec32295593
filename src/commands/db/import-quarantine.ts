import { Args, Flags } from '@oclif/core';
import { SipcapCommand } from '../_command.js';

export default class DbImportQuarantine extends SipcapCommand {
  static override summary = 'Store the rows of a quarantine file that the database accepts by now';
  static override description = `Rows that a database rejected are kept in the file given as --quarantine. After the tables were altered (or rights granted) this
command stores them. It resumes where it was if it is interrupted or the file has grown. Rows that are rejected again go to FILE.rejected.`;
  static override examples = ['<%= config.bin %> db import-quarantine sipcap-quarantine.ndjson --db mysql://sipcap@localhost/sipcap'];

  static override args = {
    file: Args.string({ required: true, description: 'quarantine file (NDJSON)' }),
  };

  static override flags = {
    db: Flags.string({
      helpValue: 'URL',
      env: 'SIPCAP_DB',
      required: true,
      summary: 'sqlite:PATH, mysql://…, postgres://… or clickhouse://… (db_url)',
    }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(DbImportQuarantine);
    const { importQuarantine, processEnvironment } = await import('../../lib/service/index.js');
    await this.finish(importQuarantine({ db: flags.db, file: args.file }, processEnvironment()));
  }
}
