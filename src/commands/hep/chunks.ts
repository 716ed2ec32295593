import { Flags } from '@oclif/core';
import { SipcapCommand } from '../_command.js';

export default class HepChunks extends SipcapCommand {
  static override summary = 'Print HEP reference tables: chunk names, ids, types and meanings; payload types; transports';
  static override usage = 'hep chunks [FLAGS]';
  static override examples = ['<%= config.bin %> hep chunks', '<%= config.bin %> hep chunks --format json'];
  static override flags = {
    format: Flags.option({ options: ['text', 'json'] as const, default: 'text' as const })({ summary: 'output format' }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(HepChunks);
    const { hepChunks, processEnvironment } = await import('../../lib/service/index.js');
    await this.finish(hepChunks(flags.format === 'json', processEnvironment()));
  }
}
