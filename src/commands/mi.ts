import { Args, Flags } from '@oclif/core';
import { UsageError } from '../lib/base/fault.js';
import { SipcapCommand } from './_command.js';

export default class Mi extends SipcapCommand {
  static override summary = 'Send a management command to a running node: sip_capture on|off, reload, get_statistics, spool, which, help';
  static override description =
    'The command goes through the FIFO, the datagram socket or the HTTP port that the configuration of the node opens (mi.fifo, mi.datagram, mi.http).';
  static override examples = [
    '<%= config.bin %> mi sip_capture --http http://127.0.0.1:8888/mi',
    '<%= config.bin %> mi sip_capture off --fifo /run/sipcap/fifo',
    '<%= config.bin %> mi get_statistics sipcapture: --datagram udp:127.0.0.1:8080',
  ];

  static override strict = false;
  static override args = {
    command: Args.string({ required: true, ignoreStdin: true, description: 'command, followed by its parameters' }),
  };

  static override flags = {
    fifo: Flags.string({ helpValue: 'PATH', env: 'SIPCAP_MI_FIFO', default: '', summary: 'FIFO of the node' }),
    'reply-directory': Flags.string({
      helpValue: 'DIR',
      default: '',
      summary: 'directory for the reply (mi.reply_directory); by default that of the FIFO or socket',
    }),
    datagram: Flags.string({
      helpValue: 'SOCKET',
      env: 'SIPCAP_MI_DATAGRAM',
      default: '',
      summary: 'datagram socket of the node: udp:host:port, or the path of a UNIX socket',
    }),
    http: Flags.string({ helpValue: 'URL', default: '', summary: 'URL of the node: http://127.0.0.1:8888/mi' }),
    token: Flags.string({ helpValue: 'TOKEN', env: 'SIPCAP_MI_TOKEN', default: '', summary: 'token for --http (mi.token)' }),
  };

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(Mi);
    if (flags.fifo === '' && flags.datagram === '' && flags.http === '')
      throw new UsageError('specify how to reach the node: --fifo PATH, --datagram SOCKET or --http URL');
    const [command, ...parameters] = argv as string[];
    const [{ mi }, { processEnvironment }] = await Promise.all([import('../lib/service/mi.js'), import('../lib/base/environment.js')]);
    await this.finish(
      mi(
        {
          command,
          parameters,
          fifo: flags.fifo,
          replyDirectory: flags['reply-directory'],
          datagram: flags.datagram,
          http: flags.http,
          token: flags.token,
        },
        processEnvironment(),
      ),
    );
  }
}
