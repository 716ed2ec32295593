import { Flags } from '@oclif/core';
import { checkOptions, configFlags, settingFlags } from './_config-flags.js';
import { SipcapCommand } from './_command.js';

export default class Serve extends SipcapCommand {
  static override readonly usesDefaults = false;
  static override summary = 'Run a capture node from a configuration file';
  static override description = `Receives HEP, captures on interfaces, runs the route script, stores and relays as configured. SIGHUP reloads the file
without losing a packet; SIGTERM delivers what is waiting and prints the summary.`;
  static override usage = 'serve -c FILE [FLAGS]';
  static override examples = [
    '<%= config.bin %> serve -c /etc/sipcap/serve.yaml',
    '<%= config.bin %> serve -c opensips.cfg --set capture_on=1',
    '<%= config.bin %> serve -c serve.yaml --check',
  ];

  static override flags = {
    config: Flags.string({ char: 'c', helpValue: 'FILE', required: true, summary: 'YAML, or an OpenSIPS script by its name (.cfg)' }),
    check: Flags.boolean({ summary: 'only check the configuration' }),
    ...configFlags,
    quiet: Flags.boolean({ char: 'q', summary: 'no summary' }),
    summary: Flags.option({ options: ['full', 'short', 'json', 'none'] as const })({
      summary: 'summary format on standard error; default: short on a terminal where nothing was lost, else full',
    }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(Serve);
    const { processEnvironment } = await import('../lib/base/environment.js');
    if (flags.check) {
      const { configCheck } = await import('../lib/service/config/check.js');
      await this.finish(configCheck(checkOptions(flags.config, flags), processEnvironment()));
      return;
    }
    const { serve } = await import('../lib/service/serve.js');
    await this.finish(
      serve(
        {
          file: flags.config,
          environment: process.env,
          flags: settingFlags(flags),
          version: this.config.version,
          quiet: flags.quiet,
          summary: flags.summary ?? 'auto',
        },
        processEnvironment(),
      ),
    );
  }
}
