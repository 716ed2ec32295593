import { Flags } from '@oclif/core';
import { SipcapCommand } from '../_command.js';
import { reportShapeFlag, shapeFlag } from '../_database-flags.js';

export default class DbInit extends SipcapCommand {
  static override summary = 'Create the tables in a database where they are missing, and migrate older ones';
  static override description = `Existing tables are left as they are, except that tables created by an older sipcap are migrated to the current schema version.
--print shows the SQL and connects to no database.`;
  static override usage = 'db init --db URL [FLAGS]';
  static override examples = [
    '<%= config.bin %> db init --db sqlite:calls.db',
    '<%= config.bin %> db init --db sqlite:calls.db --print',
    '<%= config.bin %> db init --db mysql://sipcap@localhost/sipcap --partition day',
    '<%= config.bin %> db init --db postgres://homer_user@localhost/homer_data --shape homer7',
  ];

  static override flags = {
    db: Flags.string({
      helpValue: 'URL',
      env: 'SIPCAP_DB',
      summary: 'database: sqlite:PATH, mysql://…, postgres://… or clickhouse://… (db_url)',
    }),
    table: Flags.string({ helpValue: 'NAME', default: 'sip_capture', summary: 'table for SIP messages (table_name)' }),
    'report-table': Flags.string({ helpValue: 'NAME', default: 'rtcp_capture', summary: 'table for reports (rtcp_table_name)' }),
    shape: shapeFlag,
    'report-shape': reportShapeFlag,
    partition: Flags.option({ options: ['none', 'day', 'hour'] as const, default: 'none' as const })({
      summary: 'partition new tables by capture time (MariaDB, MySQL, PostgreSQL): old partitions are dropped at once',
    }),
    schema: Flags.boolean({ summary: 'show the schema version of the database' }),
    print: Flags.boolean({ summary: 'print the SQL instead of running it' }),
    'print-homer-mapping': Flags.boolean({ summary: 'print the entry that the mapping of Homer 7 needs to find the other legs of a call' }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(DbInit);
    const { dbInit, processEnvironment } = await import('../../lib/service/index.js');
    await this.finish(
      dbInit(
        {
          db: flags.db ?? '',
          table: flags.table,
          reportTable: flags['report-table'],
          shape: flags.shape ?? '',
          reportShape: flags['report-shape'],
          partition: flags.partition,
          schema: flags.schema,
          print: flags.print,
          homerMapping: flags['print-homer-mapping'],
        },
        processEnvironment(),
      ),
    );
  }
}
