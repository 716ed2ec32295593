import { Args, Flags } from '@oclif/core';
import { SipcapCommand } from '../_command.js';
import { runFlags, runOptions, sinkFlags } from '../_flags.js';
import { listenFlags, listenerSettings } from '../_listen-flags.js';
import { routeFileFlags } from '../_route-flags.js';

export default class HepListen extends SipcapCommand {
  static override summary = 'Receive HEP (versions 1, 2 and 3) and store, write or show the messages';
  static override description = `Listens until it is stopped (Ctrl-C, SIGTERM), then writes what is waiting and prints the sums.
Versions 1, 2 and 3 come over UDP, version 3 over TCP and TLS.`;
  static override examples = [
    '<%= config.bin %> hep listen',
    '<%= config.bin %> hep listen hep_udp:0.0.0.0:9060 hep_tcp:0.0.0.0:9060 --db sqlite:calls.db',
    '<%= config.bin %> hep listen --format json | jq -r .callid',
  ];

  static override strict = false;
  static override args = {
    listener: Args.string({
      description: 'hep_udp:host:port, hep_tcp:host:port or hep_tls:host:port, several of them; IPv6 in brackets',
      default: 'hep_udp:0.0.0.0:9060',
      ignoreStdin: true,
    }),
  };

  static override flags = {
    ...listenFlags,
    'auth-key': Flags.string({
      helpValue: 'KEY',
      default: '',
      env: 'SIPCAP_AUTH_KEY',
      summary: 'refuse packets without this key (chunk 0x000e)',
      helpGroup: 'LISTENER',
    }),
    'auth-key-file': Flags.file({
      helpValue: 'FILE',
      exists: true,
      summary: 'the same, read from a file',
      helpGroup: 'LISTENER',
      exclusive: ['auth-key'],
    }),
    ...sinkFlags,
    ...routeFileFlags,
    ...runFlags,
  };

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(HepListen);
    const { hepListen, processEnvironment, readKey } = await import('../../lib/service/index.js');
    await this.finish(
      hepListen(
        {
          ...runOptions(flags),
          listeners: argv as string[],
          listening: listenerSettings(flags),
          authKey: flags['auth-key-file'] === undefined ? flags['auth-key'] : readKey(flags['auth-key-file']),
        },
        processEnvironment(),
      ),
    );
  }
}
