import { Args } from '@oclif/core';
import { SipcapCommand } from '../_command.js';
import { runFlags, runOptions, sinkFlags } from '../_flags.js';

export default class HepListen extends SipcapCommand {
  static override summary = 'Receive HEP (versions 1, 2 and 3) and store, write or show the messages';
  static override description = `Listens until it is stopped (Ctrl-C, SIGTERM), then writes what is waiting and prints the sums.
Versions 1, 2 and 3 come over UDP, version 3 over TCP.`;
  static override examples = [
    '<%= config.bin %> hep listen',
    '<%= config.bin %> hep listen hep_udp:0.0.0.0:9060 hep_tcp:0.0.0.0:9060 --db sqlite:calls.db',
    '<%= config.bin %> hep listen --format json | jq -r .callid',
  ];

  static override strict = false;
  static override args = {
    listener: Args.string({ description: 'hep_udp:host:port or hep_tcp:host:port, several of them; IPv6 in brackets', default: 'hep_udp:0.0.0.0:9060' }),
  };

  static override flags = { ...sinkFlags, ...runFlags };

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(HepListen);
    const { hepListen, processSurroundings } = await import('../../lib/service/index.js');
    await this.finish(hepListen({ ...runOptions(flags), listeners: argv as string[] }, processSurroundings()));
  }
}
