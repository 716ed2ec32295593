import { Args, Flags } from '@oclif/core';
import { SipcapCommand } from '../_command.js';
import { configFlags } from '../_config-flags.js';

export default class ConfigShow extends SipcapCommand {
  static override summary = 'Show the effective settings of a configuration, and where each comes from';
  static override description = `Prints YAML with the origin of each value: default, place in the file, environment variable, or flag. Secrets are hidden.`;
  static override usage = 'config show FILE [FLAGS]';
  static override examples = [
    '<%= config.bin %> config show /etc/sipcap/serve.yaml',
    '<%= config.bin %> config show opensips.cfg --set capture_on=1 --format json',
  ];

  static override args = {
    file: Args.string({ required: true, ignoreStdin: true, description: 'YAML, or an OpenSIPS script by its name (.cfg)' }),
  };
  static override flags = {
    ...configFlags,
    format: Flags.option({ options: ['text', 'json'] as const, default: 'text' as const })({
      summary: 'output format',
      helpGroup: 'OUTPUT',
    }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ConfigShow);
    const [{ configShow }, { processEnvironment }] = await Promise.all([
      import('../../lib/service/config/show.js'),
      import('../../lib/base/environment.js'),
    ]);
    await this.finish(
      configShow(
        {
          file: args.file,
          set: flags.set ?? [],
          environment: process.env,
          json: flags.format === 'json',
          unknownFunctions: flags['unknown-functions'],
        },
        processEnvironment(),
      ),
    );
  }
}
