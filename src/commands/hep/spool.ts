import { Args, Flags } from '@oclif/core';
import { SipcapCommand } from '../_command.js';

export default class HepSpool extends SipcapCommand {
  static override summary = 'Show what waits in spools: backlog, age, next position';
  static override description =
    'Reads every record and its checksum; a spool in use may be looked at. Exit code 3 where a record is damaged.';
  static override examples = ['<%= config.bin %> hep spool /var/spool/sipcap', '<%= config.bin %> hep spool /var/spool/sipcap --verify'];

  static override args = {
    directory: Args.string({ required: true, ignoreStdin: true, description: 'folder that was given with --spool' }),
  };

  static override flags = {
    verify: Flags.boolean({ summary: 'name every damaged record' }),
    json: Flags.boolean({ summary: 'one JSON object a spool' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(HepSpool);
    const { hepSpool, processEnvironment } = await import('../../lib/service/index.js');
    await this.finish(hepSpool({ directory: args.directory, verify: flags.verify, json: flags.json }, processEnvironment()));
  }
}
