import { Args } from '@oclif/core';
import { SipcapCommand } from './_command.js';

export default class HelpCommand extends SipcapCommand {
  static override summary = 'Help on a command or topic: exit-codes, signals, endpoints, filters';
  static override usage = 'help [COMMAND | TOPIC]';
  static override examples = ['<%= config.bin %> help capture mirror', '<%= config.bin %> help exit-codes'];
  static override strict = false;
  static override args = { topic: Args.string({ description: 'command or topic', ignoreStdin: true }) };

  async run(): Promise<void> {
    const { argv } = await this.parse(HelpCommand);
    const { default: Help } = await import('../help/help.js');
    await new Help(this.config).show(
      (argv as string[]).flatMap((word) => word.split(' ')),
      false,
    );
  }
}
