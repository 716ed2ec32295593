import { Flags } from '@oclif/core';
import { SipcapCommand } from '../_command.js';
import { rtpFlag } from '../_media-flags.js';
import { filterFlags } from '../_filter-flags.js';
import { runFlags, silentAfterFlag, sinkFlags } from '../_flags.js';
import { routeFileFlags } from '../_route-flags.js';
import { fileArgs } from '../_source-flags.js';
import { captureFiles, captureOptions, liveFlags, refuseMixture } from '../_live-flags.js';

export default class CaptureRaw extends SipcapCommand {
  static override summary = 'Capture SIP from IP-in-IP tunnels that end here, and store, relay, write or print it';
  static override description = `Decodes IPv4 and IPv6 inside IPv4 and IPv6 (protocols 4 and 41) sent to the address of --listen, as raw_ipip_capture_on does.
Ports are those of the inner packet. The outer addresses are kept: in JSON, and as the originator of messages without X-OIP.`;
  static override usage = 'capture raw --listen ADDRESS[:PORTS] -i IF | FILE... [FLAGS]';
  static override examples = [
    '<%= config.bin %> capture raw -i eth0 --listen 10.0.0.1:5060-5090 --db sqlite:calls.db',
    '<%= config.bin %> capture raw -r tunnel.pcap --listen 0.0.0.0 --format json',
  ];

  static override strict = false;
  static override args = fileArgs;

  static override flags = {
    listen: Flags.string({
      helpValue: 'ADDRESS[:PORTS]',
      aliases: ['raw-socket-listen'],
      required: true,
      summary: 'outer destination address and inner ports: 10.0.0.1, 10.0.0.1:5060-5090; 0.0.0.0: any address (raw_socket_listen)',
      helpGroup: 'INPUT',
    }),
    read: Flags.string({
      char: 'r',
      helpValue: 'FILE',
      multiple: true,
      summary: 'capture files, in any order; - is standard input',
      helpGroup: 'INPUT',
    }),
    rtp: rtpFlag,
    rtcp: Flags.boolean({
      summary: 'decode the RTCP of calls into reports (JSON, payload type 5) for the report table and HEP targets',
      helpGroup: 'INPUT',
    }),
    again: Flags.boolean({ summary: 'import again even if already stored', helpGroup: 'DATABASE' }),
    ...filterFlags,
    ...liveFlags(false),
    ...sinkFlags,
    ...routeFileFlags,
    ...runFlags,
    'silent-after': silentAfterFlag,
  };

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(CaptureRaw);
    const read = captureFiles(flags, argv);
    refuseMixture({ ...flags, read });
    const { captureRaw, parseRawListen, processEnvironment } = await import('../../lib/service/index.js');
    const tunnel = parseRawListen(flags.listen);
    await this.finish(
      captureRaw({ ...captureOptions({ ...flags, read }), ports: tunnel.ports, parseHep: false, tunnel }, processEnvironment()),
    );
  }
}
