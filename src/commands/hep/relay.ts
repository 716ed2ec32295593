import { Flags } from '@oclif/core';
import { UsageError } from '../../lib/base/fault.js';
import { SipcapCommand } from '../_command.js';
import { spoolFlags, spoolOptions } from '../_flags.js';
import { listenFlags, listenerSettings } from '../_listen-flags.js';
import { routeChoice, routeFileFlags } from '../_route-flags.js';

export default class HepRelay extends SipcapCommand {
  static override summary = 'Forward HEP to other nodes, live or from files, and keep what cannot be sent';
  static override description = `With listeners it runs until it is stopped; with files, standard input (a stream of HEP3) and captures that contain HEP it ends when all is delivered.
Packets that are not edited are forwarded byte for byte. With --spool, what a target does not take waits on disk and is sent, in order and before newer
traffic, when the target is back. Over TCP and TLS a packet counts as delivered when the target has acknowledged it and had 5 seconds to read it, or
closed the connection in order; after a connection that broke, what is in doubt is sent again, so some packets may arrive twice. Over UDP nothing
confirms delivery: files are sent at --hep-rate, and what was sent before ICMP reported that nothing listens is lost.`;
  static override examples = [
    '<%= config.bin %> hep relay --from hep_udp:0.0.0.0:9060 --to hep_tcp:homer.example.net --spool /var/spool/sipcap',
    '<%= config.bin %> hep relay --from trace.hep --to hep_udp:127.0.0.1:9060 --set proto_type=SIP --del 3:31',
    '<%= config.bin %> hep relay --spool /var/spool/sipcap --to hep_tcp:homer.example.net --drain',
  ];

  static override flags = {
    from: Flags.string({
      helpValue: 'SOURCE',
      multiple: true,
      multipleNonGreedy: true,
      summary: 'hep_udp:host:port, hep_tcp:…, hep_tls:…, files, folders of spools, or - for standard input; may be repeated',
    }),
    to: Flags.string({
      helpValue: 'TARGET',
      multiple: true,
      multipleNonGreedy: true,
      required: true,
      summary: 'hep_udp:host:port, hep_tcp:… or hep_tls:…; may be repeated: each gets everything',
    }),
    failover: Flags.boolean({ summary: 'send to the first target that works', exclusive: ['balance'] }),
    balance: Flags.boolean({ summary: 'distribute calls over the targets; a call stays together' }),
    set: Flags.string({
      helpValue: 'CHUNK=VALUE',
      multiple: true,
      multipleNonGreedy: true,
      summary: 'set a chunk on the way: proto_type=RTCP, captagent_id=7, 3:31:uint32=132; may be repeated',
    }),
    del: Flags.string({
      helpValue: 'CHUNK',
      multiple: true,
      multipleNonGreedy: true,
      summary: 'delete a chunk on the way, by name, id or vendor:id; may be repeated',
    }),
    'hep-version': Flags.option({ options: ['3'] as const })({
      summary: 'convert versions 1 and 2, which cannot be sent over TCP, to version 3',
    }),
    'hep-id': Flags.integer({
      helpValue: 'N',
      default: 1,
      min: 0,
      max: 4_294_967_295,
      summary: 'capture agent id for packets of version 1, which have none',
    }),
    ...spoolFlags('SPOOL'),
    ...routeFileFlags,
    drain: Flags.boolean({ summary: 'send what waits in the spool and exit: 0 all sent, 4 target away' }),
    patience: Flags.integer({ helpValue: 'SECONDS', default: 10, min: 0, summary: 'how long --drain waits for a target that is away' }),
    ...listenFlags,
    quiet: Flags.boolean({ char: 'q', summary: 'no summary' }),
    stats: Flags.option({ options: ['text', 'json'] as const, default: 'text' as const })({
      summary: 'summary format on standard error',
    }),
  };

  async run(): Promise<void> {
    const { flags, raw } = await this.parse(HepRelay);
    if (flags.from === undefined && !flags.drain)
      throw new UsageError('--from is required: a listener, file or spool to read packets from (or --drain to send the spool only)');
    const { hepRelay, processEnvironment } = await import('../../lib/service/index.js');
    await this.finish(
      hepRelay(
        {
          from: flags.from ?? [],
          to: {
            targets: flags.to,
            policy: flags.failover ? 'failover' : flags.balance ? 'balance' : 'all',
            ...spoolOptions(flags),
            encoder: { version: 3, captureId: flags['hep-id'], authKey: null, captureName: '', compress: false },
            waits: true,
          },
          listening: listenerSettings(flags),
          // In the order of the command line.
          edits: raw.flatMap((token) =>
            token.type === 'flag' && (token.flag === 'set' || token.flag === 'del') ? [{ kind: token.flag, text: token.input }] : [],
          ),
          upgrade: flags['hep-version'] === '3',
          route: routeChoice(flags),
          drain: flags.drain,
          patienceSeconds: flags.patience,
          quiet: flags.quiet,
          stats: flags.stats,
        },
        processEnvironment(),
      ),
    );
  }
}
