import { Args, Flags } from '@oclif/core';
import { SipcapCommand } from '../_command.js';
import { filterFlags, filterOptions } from '../_filter-flags.js';
import { runFlags, runOptions, silentAfterFlag, sinkFlags } from '../_flags.js';
import { listenFlags, listenerSettings, processFlags, repeatFlags } from '../_listen-flags.js';
import { routeFileFlags } from '../_route-flags.js';

export default class HepListen extends SipcapCommand {
  static override summary = 'Receive HEP (versions 1, 2 and 3), and store, relay, write or print the messages';
  static override description = `Listens until it is stopped (Ctrl-C, SIGTERM), then writes what is waiting and prints the summary.
Accepts versions 1, 2 and 3 over UDP, and version 3 over TCP and TLS. With --processes several processes share the work.`;
  static override usage = 'hep listen [LISTENER...] [FLAGS]';
  static override examples = [
    '<%= config.bin %> hep listen',
    '<%= config.bin %> hep listen hep_udp:0.0.0.0:9060 hep_tcp:0.0.0.0:9060 --db sqlite:calls.db',
    '<%= config.bin %> hep listen --format json | jq -r .callid',
  ];

  static override strict = false;
  static override args = {
    listener: Args.string({
      description: 'hep_udp:host:port, hep_tcp:host:port or hep_tls:host:port, one or more; IPv6 in brackets',
      default: 'hep_udp:0.0.0.0:9060',
      ignoreStdin: true,
    }),
  };

  static override flags = {
    ...listenFlags,
    ...repeatFlags,
    ...processFlags,
    'auth-key': Flags.string({
      helpValue: 'KEY',
      default: '',
      env: 'SIPCAP_AUTH_KEY',
      summary: 'reject packets without this key (chunk 0x000e)',
      helpGroup: 'LISTENER',
    }),
    'auth-key-file': Flags.file({
      helpValue: 'FILE',
      exists: true,
      summary: 'read the key from a file',
      helpGroup: 'LISTENER',
      exclusive: ['auth-key'],
    }),
    ...filterFlags,
    ...sinkFlags,
    ...routeFileFlags,
    ...runFlags,
    'silent-after': silentAfterFlag,
  };

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(HepListen);
    const { hepListen, processCount, processEnvironment, readKey } = await import('../../lib/service/index.js');
    await this.finish(
      hepListen(
        {
          ...runOptions(flags),
          listeners: argv as string[],
          listening: listenerSettings(flags),
          processes: processCount(flags.processes),
          select: filterOptions(flags),
          acceptRepeats: flags['accept-repeats'],
          authKey: flags['auth-key-file'] === undefined ? flags['auth-key'] : readKey(flags['auth-key-file']),
        },
        processEnvironment(),
      ),
    );
  }
}
