import { Flags } from '@oclif/core';
import { SipcapCommand } from '../_command.js';
import { rtpFlag } from '../_media-flags.js';
import { filterFlags } from '../_filter-flags.js';
import { runFlags, silentAfterFlag, sinkFlags } from '../_flags.js';
import { routeFileFlags } from '../_route-flags.js';
import { fileArgs } from '../_source-flags.js';
import { captureFiles, captureOptions, liveFlags, refuseMixture } from '../_live-flags.js';

export default class CaptureMirror extends SipcapCommand {
  static override summary = 'Capture SIP from interfaces, capture files or standard input, and store, relay, write or print it';
  static override description = `Finds SIP over UDP, TCP, SCTP and WebSocket, in VLANs, tunnels and fragments, and delivers every message to the outputs.
On interfaces it captures until it is stopped; that needs CAP_NET_RAW, not root. Reads pcap and pcapng, also gzip and zstd.
A file that was stored before is not stored twice: only what is new in it is stored.`;
  static override usage = 'capture mirror -i IF | FILE... [FLAGS]';
  static override examples = [
    '<%= config.bin %> capture mirror -i eth1 --port 5060-5090 --db sqlite:calls.db',
    '<%= config.bin %> capture mirror trace.pcap',
    '<%= config.bin %> capture mirror -r /var/spool/trace/*.pcap.gz --db sqlite:calls.db',
    'tcpdump -i eth0 -U -w - udp port 5060 | <%= config.bin %> capture mirror -r - --format json',
  ];

  static override strict = false;
  static override args = fileArgs;

  static override flags = {
    read: Flags.string({
      char: 'r',
      helpValue: 'FILE',
      multiple: true,
      summary: 'capture files, in any order; - is standard input',
      helpGroup: 'INPUT',
    }),
    port: Flags.string({
      helpValue: 'RANGE',
      summary: 'only these ports: 5060, 5060-5090, or several separated by commas',
      helpGroup: 'INPUT',
    }),
    listen: Flags.string({
      helpValue: 'ADDRESS:PORTS',
      aliases: ['raw-socket-listen'],
      exclusive: ['port'],
      summary: 'ports in OpenSIPS notation (raw_socket_listen); the address is ignored',
      helpGroup: 'INPUT',
    }),
    'parse-hep': Flags.boolean({ char: 'E', summary: 'decode HEP found in the capture, and take the messages inside', helpGroup: 'INPUT' }),
    rtp: rtpFlag,
    rtcp: Flags.boolean({
      summary: 'decode the RTCP of calls into reports (JSON, payload type 5) for the report table and HEP targets',
      helpGroup: 'INPUT',
    }),
    again: Flags.boolean({ summary: 'import again even if already stored', helpGroup: 'DATABASE' }),
    ...filterFlags,
    ...liveFlags(true),
    ...sinkFlags,
    ...routeFileFlags,
    ...runFlags,
    'silent-after': silentAfterFlag,
  };

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(CaptureMirror);
    const read = captureFiles(flags, argv);
    refuseMixture({ ...flags, read });
    const { captureMirror, parsePortRanges, parseRawListen, processEnvironment } = await import('../../lib/service/index.js');
    const ports =
      flags.listen !== undefined ? parseRawListen(flags.listen).ports : flags.port === undefined ? [] : parsePortRanges(flags.port);
    const parseHep = flags['parse-hep'];
    await this.finish(captureMirror({ ...captureOptions({ ...flags, read }), ports, parseHep, tunnel: null }, processEnvironment()));
  }
}
