import { Args, Flags } from '@oclif/core';
import { SipcapCommand } from '../_command.js';

export default class HepSpool extends SipcapCommand {
  static override summary = 'Show the backlog, age and next position of spools';
  static override description =
    'Reads every record and verifies its checksum, also while the spool is in use. Exits with 3 if a record is damaged.';
  static override usage = 'hep spool DIRECTORY [FLAGS]';
  static override examples = ['<%= config.bin %> hep spool /var/spool/sipcap', '<%= config.bin %> hep spool /var/spool/sipcap --verify'];

  static override args = {
    directory: Args.string({ required: true, ignoreStdin: true, description: 'directory given as --spool' }),
  };

  static override flags = {
    verify: Flags.boolean({ summary: 'list every damaged record' }),
    format: Flags.option({ options: ['text', 'json'] as const, default: 'text' as const })({
      summary: 'output format; json is one object per spool',
    }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(HepSpool);
    const { hepSpool, processEnvironment } = await import('../../lib/service/index.js');
    await this.finish(hepSpool({ directory: args.directory, verify: flags.verify, json: flags.format === 'json' }, processEnvironment()));
  }
}
