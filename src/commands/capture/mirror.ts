import { Flags } from '@oclif/core';
import { SipcapCommand } from '../_command.js';
import { runFlags, sinkFlags } from '../_flags.js';
import { routeFileFlags } from '../_route-flags.js';
import { captureOptions, liveFlags, refuseMixture } from '../_live-flags.js';

export default class CaptureMirror extends SipcapCommand {
  static override summary = 'Capture SIP on interfaces or from capture files (or standard input) and store, write or show it';
  static override description = `Finds SIP over UDP, TCP, SCTP and WebSocket, in VLANs, tunnels and fragments, and hands every message to the sinks.
On interfaces it captures until it is stopped; the right to capture (CAP_NET_RAW) is enough, root is not needed.
Reads pcap and pcapng (also gzip and zstd). A file that was stored before is not stored twice: only what is new in it is.`;
  static override examples = [
    '<%= config.bin %> capture mirror -i eth1 --port 5060-5090 --db sqlite:calls.db',
    '<%= config.bin %> capture mirror -r trace.pcap',
    '<%= config.bin %> capture mirror -r /var/spool/trace/*.pcap.gz --db sqlite:calls.db',
    'tcpdump -i eth0 -U -w - udp port 5060 | <%= config.bin %> capture mirror -r - --format json',
  ];

  static override flags = {
    read: Flags.string({ char: 'r', helpValue: 'FILE', multiple: true, summary: 'capture files, in any order; - is standard input' }),
    port: Flags.string({ helpValue: 'RANGE', summary: 'only these ports: 5060, 5060-5090, or several with commas (as raw_socket_listen)' }),
    listen: Flags.string({
      helpValue: 'ADDRESS:PORTS',
      aliases: ['raw-socket-listen'],
      exclusive: ['port'],
      summary: 'the same as OpenSIPS writes it (raw_socket_listen); a mirror port ignores the address',
    }),
    'parse-hep': Flags.boolean({ char: 'E', summary: 'decode HEP found in the capture and take the messages inside' }),
    rtcp: Flags.boolean({ summary: 'read RTCP of the calls too: reports as JSON (payload type 5) into the report table or on as HEP' }),
    again: Flags.boolean({ summary: 'store everything once more, also what was stored before' }),
    ...liveFlags(true),
    ...sinkFlags,
    ...routeFileFlags,
    ...runFlags,
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
