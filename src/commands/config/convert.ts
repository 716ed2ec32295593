import { Args } from '@oclif/core';
import { SipcapCommand } from '../_command.js';

export default class ConfigConvert extends SipcapCommand {
  static override summary = 'Print an OpenSIPS or Kamailio script as a YAML configuration of serve';
  static override description = `Settings and routes of an OpenSIPS script are taken over as they are. Of a Kamailio script the parameters of sipcapture and
siptrace and the sockets are taken over, its routes are not. What is left out stands at the end, as comments. The output holds the
passwords of the script.`;
  static override usage = 'config convert FILE';
  static override examples = [
    '<%= config.bin %> config convert opensips.cfg > serve.yaml',
    '<%= config.bin %> config convert kamailio.cfg > serve.yaml',
  ];

  static override args = {
    file: Args.string({ required: true, ignoreStdin: true, description: 'an OpenSIPS or Kamailio script (.cfg)' }),
  };

  async run(): Promise<void> {
    const { args } = await this.parse(ConfigConvert);
    const [{ configConvert }, { processEnvironment }] = await Promise.all([
      import('../../lib/service/config/convert.js'),
      import('../../lib/base/environment.js'),
    ]);
    await this.finish(configConvert({ file: args.file }, processEnvironment()));
  }
}
