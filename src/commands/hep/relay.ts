import { Flags } from '@oclif/core';
import { UsageError } from '../../lib/base/fault.js';
import { ageSeconds } from '../../lib/config/amount.js';
import { SipcapCommand } from '../_command.js';
import { filterFlags, filterOptions } from '../_filter-flags.js';
import { drainDeadlineFlag, silentAfterFlag, spoolFlags, spoolOptions } from '../_flags.js';
import { identityFlags, identityOf } from '../_identity-flags.js';
import { listenFlags, listenerSettings, repeatFlags } from '../_listen-flags.js';
import { routeChoice, routeFileFlags } from '../_route-flags.js';

export default class HepRelay extends SipcapCommand {
  static override summary = 'Relay HEP to other nodes, live or from files, and keep what cannot be delivered';
  static override description = `From listeners it runs until it is stopped; from files, standard input (a stream of HEP3) and capture files with HEP it exits when all is delivered.
A packet that is not edited is relayed byte for byte. With --spool, packets that a target cannot take wait on disk and are sent when it is available
again, in order and before newer traffic. Over TCP and TLS a packet counts as delivered when the target has acknowledged
it and had 5 seconds to read it, or closed the connection in order; after a broken connection what is in doubt is sent again, so some packets may
arrive twice; a sipcap target stores those with an identity once (--hep-identity always). Nothing confirms delivery over UDP: files are sent at --hep-rate.`;
  static override usage = 'hep relay --from SOURCE... --to TARGET... [FLAGS]';
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
      summary: 'hep_udp:host:port, hep_tcp:…, hep_tls:…, a file, a spool directory, or - for standard input; may be repeated',
      helpGroup: 'INPUT',
    }),
    to: Flags.string({
      helpValue: 'TARGET',
      multiple: true,
      multipleNonGreedy: true,
      required: true,
      summary: 'hep_udp:host:port, hep_tcp:… or hep_tls:…; may be repeated: each target gets everything',
      helpGroup: 'OUTPUT',
    }),
    failover: Flags.boolean({ summary: 'send to the first target that works', exclusive: ['balance'], helpGroup: 'OUTPUT' }),
    balance: Flags.boolean({ summary: 'distribute calls over the targets; a call stays together', helpGroup: 'OUTPUT' }),
    set: Flags.string({
      helpValue: 'CHUNK=VALUE',
      multiple: true,
      multipleNonGreedy: true,
      summary: 'set a chunk: proto_type=RTCP, captagent_id=7, 3:31:uint32=132; may be repeated',
      helpGroup: 'HEP',
    }),
    del: Flags.string({
      helpValue: 'CHUNK',
      multiple: true,
      multipleNonGreedy: true,
      summary: 'delete a chunk, by name, id or vendor:id; may be repeated',
      helpGroup: 'HEP',
    }),
    'hep-version': Flags.option({ options: ['3'] as const })({
      summary: 'convert versions 1 and 2, which TCP and TLS cannot carry, to version 3',
      helpGroup: 'HEP',
    }),
    'hep-id': Flags.integer({
      helpValue: 'N',
      default: 1,
      min: 0,
      max: 4_294_967_295,
      summary: 'capture agent id for packets of version 1, which have none',
      helpGroup: 'HEP',
    }),
    ...identityFlags('HEP'),
    ...filterFlags,
    ...spoolFlags('HEP'),
    ...routeFileFlags,
    drain: Flags.boolean({ summary: 'send what waits in the spool, and exit: 0 all sent, 4 target unavailable', helpGroup: 'SPOOL' }),
    patience: Flags.string({
      helpValue: 'TIME',
      default: '10s',
      summary: 'how long --drain waits for an unavailable target (30s)',
      helpGroup: 'SPOOL',
    }),
    'drain-deadline': drainDeadlineFlag,
    'silent-after': silentAfterFlag,
    ...listenFlags,
    ...repeatFlags,
    quiet: Flags.boolean({ char: 'q', summary: 'no summary', helpGroup: 'OUTPUT' }),
    summary: Flags.option({ options: ['full', 'short', 'json', 'none'] as const })({
      summary: 'summary format on standard error; default: short on a terminal where nothing was lost, else full',
      helpGroup: 'OUTPUT',
    }),
  };

  async run(): Promise<void> {
    const { flags, raw } = await this.parse(HepRelay);
    if (flags.from === undefined && !flags.drain) throw new UsageError('no input: specify --from, or --drain to send the spool only');
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
            identity: identityOf(flags),
            waits: true,
          },
          acceptRepeats: flags['accept-repeats'],
          listening: listenerSettings(flags),
          select: filterOptions(flags),
          // In the order of the command line.
          edits: raw.flatMap((token) =>
            token.type === 'flag' && (token.flag === 'set' || token.flag === 'del') ? [{ kind: token.flag, text: token.input }] : [],
          ),
          upgrade: flags['hep-version'] === '3',
          route: routeChoice(flags),
          drain: flags.drain,
          patienceSeconds: ageSeconds(flags.patience),
          drainSeconds: ageSeconds(flags['drain-deadline']),
          silentAfterSeconds: ageSeconds(flags['silent-after']),
          quiet: flags.quiet,
          summary: flags.summary ?? 'auto',
        },
        processEnvironment(),
      ),
    );
  }
}
