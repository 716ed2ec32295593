import { Args, Flags } from '@oclif/core';
import { SipcapCommand } from '../_command.js';
import { checkOptions, configFlags } from '../_config-flags.js';

export default class ConfigCheck extends SipcapCommand {
  static override summary = 'Check a configuration of serve and print all errors with their places';
  static override usage = 'config check FILE [FLAGS]';
  static override examples = ['<%= config.bin %> config check /etc/sipcap/serve.yaml', '<%= config.bin %> config check opensips.cfg -q'];

  static override args = {
    file: Args.string({ required: true, ignoreStdin: true, description: 'YAML, or an OpenSIPS script by its name (.cfg)' }),
  };
  static override flags = { ...configFlags, quiet: Flags.boolean({ char: 'q', summary: 'errors only: no warnings, notes or OK' }) };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ConfigCheck);
    const [{ configCheck }, { processEnvironment }] = await Promise.all([
      import('../../lib/service/config/check.js'),
      import('../../lib/base/environment.js'),
    ]);
    await this.finish(configCheck(checkOptions(args.file, flags), processEnvironment()));
  }
}
