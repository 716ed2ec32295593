import { Flags } from '@oclif/core';
import { SipcapCommand } from '../_command.js';
import { filterFlags } from '../_filter-flags.js';
import { runFlags, silentAfterFlag, sinkFlags } from '../_flags.js';
import { routeFileFlags } from '../_route-flags.js';
import { captureOptions, liveFlags, refuseMixture } from '../_live-flags.js';

export default class CaptureMirror extends SipcapCommand {
  static override summary = 'Capture SIP from interfaces, capture files or standard input, and store, relay, write or print it';
  static override description = `Finds SIP over UDP, TCP, SCTP and WebSocket, in VLANs, tunnels and fragments, and delivers every message to the outputs.
On interfaces it captures until it is stopped; that needs CAP_NET_RAW, not root. Reads pcap and pcapng, also gzip and zstd.
A file that was stored before is not stored twice: only what is new in it is stored.`;
  static override usage = 'capture mirror [FLAGS] -i IF | -r FILE...';
  static override examples = [
    '<%= config.bin %> capture mirror -i eth1 --port 5060-5090 --db sqlite:calls.db',
    '<%= config.bin %> capture mirror -r trace.pcap',
    '<%= config.bin %> capture mirror -r /var/spool/trace/*.pcap.gz --db sqlite:calls.db',
    'tcpdump -i eth0 -U -w - udp port 5060 | <%= config.bin %> capture mirror -r - --format json',
  ];

  static override flags = {
    read: Flags.string({ char: 'r', helpValue: 'FILE', multiple: true, summary: 'capture files, in any order; - is standard input' }),
    port: Flags.string({ helpValue: 'RANGE', summary: 'only these ports: 5060, 5060-5090, or several separated by commas' }),
    listen: Flags.string({
      helpValue: 'ADDRESS:PORTS',
      aliases: ['raw-socket-listen'],
      exclusive: ['port'],
      summary: 'ports in OpenSIPS notation (raw_socket_listen); the address is ignored',
    }),
    'parse-hep': Flags.boolean({ char: 'E', summary: 'decode HEP found in the capture, and take the messages inside' }),
    rtcp: Flags.boolean({ summary: 'decode the RTCP of calls into reports (JSON, payload type 5) for the report table and HEP targets' }),
    again: Flags.boolean({ summary: 'import again even if already stored' }),
    ...filterFlags,
    ...liveFlags(true),
    ...sinkFlags,
    ...routeFileFlags,
    ...runFlags,
    'silent-after': silentAfterFlag,
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(CaptureMirror);
    refuseMixture(flags);
    const { captureMirror, parsePortRanges, parseRawListen, processEnvironment } = await import('../../lib/service/index.js');
    const ports =
      flags.listen !== undefined ? parseRawListen(flags.listen).ports : flags.port === undefined ? [] : parsePortRanges(flags.port);
    const parseHep = flags['parse-hep'];
    await this.finish(captureMirror({ ...captureOptions(flags), ports, parseHep, tunnel: null }, processEnvironment()));
  }
}
